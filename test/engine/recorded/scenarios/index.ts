/** All scenarios by theme; answers/<theme>.json has what the Pulumi CLI did. */
import type { Scenario } from "../scenario";
import { aliases } from "./aliases";
import { deletedWith } from "./deletedWith";
import { failures } from "./failures";
import { lifecycle } from "./lifecycle";
import { previews } from "./previews";
import { providers } from "./providers";
import { refresh } from "./refresh";
import { replacement } from "./replacement";
import { secrets } from "./secrets";
import { targets } from "./targets";

export const themes: Readonly<Record<string, readonly Scenario[]>> = {
  lifecycle,
  replacement,
  deletedWith,
  aliases,
  secrets,
  targets,
  refresh,
  failures,
  providers,
  previews,
};
