/** The file of Docker's get-started guide, part 5, as people have it: version 3, quoted ports, the visualizer's constraint. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const getStarted = readFileSync(join(__dirname, "files/docker-get-started.yml"), "utf8");
