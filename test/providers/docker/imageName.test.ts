import { bareRegistry, parseImageName } from "../../../providers/docker/imageName";

it.each([
  ["redis", "docker.io", "library/redis", "latest"],
  ["redis:7", "docker.io", "library/redis", "7"],
  ["me/app:1", "docker.io", "me/app", "1"],
  ["docker.io/redis", "docker.io", "library/redis", "latest"],
  ["index.docker.io/me/app", "docker.io", "me/app", "latest"],
  ["localhost/app", "localhost", "app", "latest"],
  ["localhost:5000/team/app:2", "localhost:5000", "team/app", "2"],
  ["ghcr.io/a/b/c:x@sha256:abc", "ghcr.io", "a/b/c", "sha256:abc"],
  ["registry:5000/app", "registry:5000", "app", "latest"],
])("%s", (name, registry, repository, reference) => {
  expect(parseImageName(name)).toEqual({ registry, repository, reference });
});

it.each([
  ["https://index.docker.io/v1/", "docker.io"],
  ["registry-1.docker.io", "docker.io"],
  ["http://127.0.0.1:5000", "127.0.0.1:5000"],
  ["ghcr.io", "ghcr.io"],
])("address %s", (address, registry) => expect(bareRegistry(address)).toBe(registry));
