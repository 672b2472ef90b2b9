const shared = {
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
};

/**
 * `unit` boots no VM; `e2e` boots real ones and takes tens of minutes without KVM; `virtualbox` runs real VirtualBox in an emulated
 * host; `cloudimage` boots a pulled image, which installs Docker from the network;
 * `load` counts lost requests on three VMs. `bench` measures, it tests nothing.
 */
module.exports = {
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: [
        "/node_modules/",
        "<rootDir>/test/e2e/",
        "<rootDir>/test/virtualbox/",
        "<rootDir>/test/cloudImage/",
        "<rootDir>/test/load/",
      ],
    },
    { ...shared, displayName: "e2e", testMatch: ["<rootDir>/test/e2e/**/*.test.ts"] },
    { ...shared, displayName: "virtualbox", testMatch: ["<rootDir>/test/virtualbox/**/*.test.ts"] },
    { ...shared, displayName: "cloudimage", testMatch: ["<rootDir>/test/cloudImage/**/*.test.ts"] },
    { ...shared, displayName: "load", testMatch: ["<rootDir>/test/load/**/*.test.ts"] },
    { ...shared, displayName: "bench", testMatch: ["<rootDir>/test/bench/**/*.bench.ts"] },
  ],
};
