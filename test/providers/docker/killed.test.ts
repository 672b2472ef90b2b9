/** A run that is killed between the daemon's making a container and the state's saying so. */
import {
  destroy,
  exportStack,
  importExisting,
  importStack,
  type OperationOptions,
  preview,
  previewImport,
  up,
} from "../../../engine";
import { DaemonProject } from "../daemonProject";

jest.setTimeout(180_000);

const project = new DaemonProject("killed");
beforeAll(() =>
  project.start(
    (host) => `
      import * as docker from "@pulumi/docker";
      const provider = new docker.Provider("here", { host: ${JSON.stringify(host)} });
      new docker.Container("box", { name: "box", image: "test:1", networkMode: "none" }, { provider });
    `,
  ),
);
afterAll(() => project.remove());

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly provider: string;
}

it("says how to remove it or take it over, until one of both is done", async () => {
  await project.ok(up);
  // The state as it is at that moment: the daemon has it, the operation is pending.
  const state = (await exportStack({ ...project.options, showSecrets: false })) as {
    deployment: { resources: Resource[]; pending_operations?: unknown[] };
  };
  const { deployment } = state;
  const box = deployment.resources.find(
    ({ type }) => type === "docker:index/container:Container",
  ) as Resource;
  await importStack({
    ...project.options,
    state: {
      ...state,
      deployment: {
        ...deployment,
        resources: deployment.resources.filter((resource) => resource !== box),
        pending_operations: [{ resource: { ...box, id: "", outputs: {} }, type: "creating" }],
      },
    },
  });
  const id = await project.daemon.docker("inspect", "--format", "{{.Id}}", "box");

  const said: string[] = [];
  const onEvent: OperationOptions["onEvent"] = (event) => {
    if (event.kind === "diagnostic" && event.severity !== "debug") said.push(event.message);
    if (event.kind === "resource-failed") said.push(event.message);
  };
  for (let time = 1; time <= 2; time++) {
    said.length = 0;
    expect(await up({ ...project.options, onEvent })).toMatchObject({ result: "failed" });
    expect(said.join("\n")).toContain("a container named box exists already");
    expect(said.join("\n")).toContain("docker rm --force box");
    expect(said.join("\n")).toContain(`import docker:index/container:Container box ${id.slice(0, 12)}`);
  }
  expect(await project.daemon.docker("inspect", "--format", "{{.Id}}", "box")).toBe(id);

  const taking: OperationOptions = {
    ...project.options,
    onEvent: () => undefined,
    import: [
      {
        type: box.type,
        name: "box",
        id: id.slice(0, 12),
        protect: false,
        provider: box.provider.slice(0, box.provider.lastIndexOf("::")),
      },
    ],
  };
  expect(await previewImport(taking)).toMatchObject({ result: "succeeded", changes: { import: 1, same: 2 } });
  expect(await importExisting(taking)).toMatchObject({
    result: "succeeded",
    changes: { import: 1, same: 2 },
  });
  const after = JSON.stringify(await exportStack({ ...project.options, showSecrets: false }));
  expect(after).toContain(box.urn);
  // As in the Pulumi CLI: the program does not say that it is imported.
  expect(after).not.toContain("importID");
  await project.ok(up);
  expect(await project.daemon.docker("inspect", "--format", "{{.State.Running}}", "box")).toBe("true");
  expect((await project.run(preview)).changes).toEqual({ same: 3 });
  await project.ok(destroy);
});
