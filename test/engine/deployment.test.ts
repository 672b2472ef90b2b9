import { DeploymentWriter, parseDeployment, readSnapshot, writeDeployment } from "../../engine/deployment";
import { newState } from "../../engine/resourceState";
import { SecretsManager } from "../../engine/secrets";
import { type Json, Secret } from "../../engine/values";

// The key of the secrets takes a second to derive.
jest.setTimeout(60_000);

const sig = "4dabf18193072939515e22adb298388d";
const secretSig = "1b47061264138c4ac30d75fd1eb44270";

test("a secret within a secret keeps its mark and is encrypted once, as the Pulumi CLI writes it", async () => {
  const secrets = await SecretsManager.create("p");
  const inputs = { connection: new Secret({ host: "h", privateKey: new Secret("key") }) };
  const state = newState({ urn: "urn:pulumi:dev::p::t:t:T::r", type: "t:t:T", custom: true, inputs });
  const written = writeDeployment(
    { resources: [state], pendingOperations: [] },
    { secrets, engineVersion: "v3.248.0" },
  );
  const json = written.deployment as { resources: { inputs: { connection: Record<string, string> } }[] };
  const outer = json.resources[0]?.inputs.connection ?? {};
  expect(outer[sig]).toBe(secretSig);
  const inner = JSON.parse(secrets.decrypt(outer.ciphertext ?? "")) as { privateKey: Record<string, string> };
  expect(inner.privateKey).toEqual({ [sig]: secretSig, ciphertext: '"key"' });

  const parsed = parseDeployment(written.deployment as Json, 3, [], "the state");
  expect(readSnapshot(parsed, secrets).resources[0]?.inputs).toEqual(inputs);
});

test("what is written in parts is what is written as a whole, also after a state has changed", async () => {
  const options = { secrets: await SecretsManager.create("p"), engineVersion: "v3.248.0" };
  const a = newState({ urn: "urn:pulumi:dev::p::t:t:T::a", type: "t:t:T", custom: true, inputs: { x: 1 } });
  const b = newState({ urn: "urn:pulumi:dev::p::t:t:T::b", type: "t:t:T", custom: true });
  const snapshot = { resources: [a, b], pendingOperations: [{ resource: b, type: "updating" as const }] };
  const writer = new DeploymentWriter(options);
  const same = (): void => {
    const whole = writeDeployment(snapshot, options);
    const parts = writer.write(snapshot);
    const timeless = (json: unknown): unknown => ({ ...(json as object), manifest: undefined });
    expect(timeless(JSON.parse(Buffer.concat(parts.bytes).toString()))).toEqual(timeless(whole.deployment));
    expect([parts.version, parts.features]).toEqual([whole.version, whole.features]);
  };
  same();
  a.delete = true;
  b.outputs = { y: new Secret("hush") };
  b.replaceWith = [a.urn];
  same();
});
