import { isAbsolute, resolve } from "node:path";
import { home, imagesDir, settleFolders } from "../../host/home";

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

it.each(["/x/a b", "/x/it's (me), 100% é & #1"])("takes the folder %s", (folder) => {
  process.env.VMCLUSTER_HOME = folder;
  delete process.env.VMCLUSTER_IMAGES;
  expect(home()).toBe(folder);
  expect(imagesDir()).toBe(`${folder}/images`);
});

it.each(['"', "\\", ":", ";", "$", "\n"])(
  "refuses a folder with %j in its name, and names the variable",
  (character) => {
    process.env.VMCLUSTER_HOME = `/x/a${character}b`;
    expect(() => home()).toThrow(/^VMCLUSTER_HOME: /);
    process.env.VMCLUSTER_HOME = "/x";
    process.env.VMCLUSTER_IMAGES = `/x/a${character}b`;
    expect(() => imagesDir()).toThrow(/^VMCLUSTER_IMAGES: /);
  },
);

it("is a folder of the user's, not of wherever one is, when HOME is empty", () => {
  delete process.env.VMCLUSTER_HOME;
  const os = jest.requireActual<typeof import("node:os")>("node:os");
  jest.spyOn(os, "homedir").mockReturnValue("");
  try {
    expect(home()).toBe(`${os.userInfo().homedir}/.vmcluster`);
    expect(isAbsolute(home())).toBe(true);
  } finally {
    jest.restoreAllMocks();
  }
});

it("is the same folder for what is started elsewhere", () => {
  const env: NodeJS.ProcessEnv = { VMCLUSTER_HOME: "a/../b", VMCLUSTER_IMAGES: "" };
  settleFolders(env);
  expect(env).toEqual({ VMCLUSTER_HOME: resolve("b"), VMCLUSTER_IMAGES: "" });
});
