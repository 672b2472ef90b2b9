import { preview } from "../../../engine";
import { checkout, EngineProject } from "../../providers/daemonProject";

jest.setTimeout(120_000);

const project = new EngineProject("node-network");
beforeAll(() =>
  project.begin(`
import * as docker from "@pulumi/docker";
import { nodeNetworkId } from "${checkout}/index";
const provider = new docker.Provider("swarm", { host: "unix:///nowhere.sock" });
export const networkId = nodeNetworkId("host", { provider });
`),
);
afterAll(() => project.remove());

it("asks nobody in a preview before there is a swarm", async () => {
  expect(await project.run(preview)).toMatchObject({ result: "succeeded", said: [] });
});
