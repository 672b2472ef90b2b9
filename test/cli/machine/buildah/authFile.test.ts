import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authOptions } from "../../../../cli/machine/buildah/authFile";

const folder = mkdtempSync(join(tmpdir(), "vmcluster-auth-test-"));
const names = ["REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_RUNTIME_DIR"] as const;
const before = names.map((name) => [name, process.env[name]] as const);
beforeEach(() => {
  for (const name of names) delete process.env[name];
});
afterAll(() => {
  for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
  rmSync(folder, { recursive: true, force: true });
});

const login = { username: "ada", password: "se:same" };
const auth = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString("base64") });
const write = (file: string, content: object): void =>
  writeFileSync(join(folder, file), JSON.stringify(content));

function written(address: string): object {
  const [option, file = ""] = authOptions(folder, address, { login });
  expect(option).toBe("--authfile");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  return JSON.parse(readFileSync(file, "utf8")) as object;
}

it("leaves it to Buildah to find the user's logins where there is no other", () => {
  expect(authOptions(folder, "r.example.com", {})).toEqual([]);
});

it("adds the login to those that the user has kept", () => {
  process.env.DOCKER_CONFIG = folder;
  process.env.XDG_RUNTIME_DIR = folder;
  mkdirSync(join(folder, "containers"));
  write("config.json", {
    auths: { a: auth("docker"), b: auth("docker") },
    credHelpers: { "r.example.com": "x", c: "y" },
    HttpHeaders: {},
  });
  write("containers/auth.json", {
    auths: { b: auth("buildah"), "r.example.com": auth("kept"), "r.example.com/you": auth("kept") },
  });
  expect(written("r.example.com")).toEqual({
    auths: { a: auth("docker"), b: auth("buildah"), "r.example.com": auth("ada:se:same") },
    credHelpers: { c: "y" },
  });
});

it("reads only the file that the user names, and nothing from one that is something else", () => {
  process.env.DOCKER_CONFIG = folder;
  process.env.REGISTRY_AUTH_FILE = join(folder, "mine");
  const only = { auths: { "r:5000": auth("ada:se:same") }, credHelpers: {} };
  expect(written("r:5000")).toEqual(only);
  writeFileSync(join(folder, "mine"), "no JSON");
  expect(written("r:5000")).toEqual(only);
});
