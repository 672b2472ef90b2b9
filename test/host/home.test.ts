import { home, imagesDir } from "../../host/home";

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
