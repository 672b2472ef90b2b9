/** All scenarios by theme; answers/<theme>.json has what the Pulumi CLI did. */
import type { Scenario } from "../scenario";
import { aliases } from "./aliases";
import { cases } from "./cases";
import { components } from "./components";
import { deletedWith } from "./deletedWith";
import { dynamic } from "./dynamic";
import { failures } from "./failures";
import { functions } from "./functions";
import { graphs } from "./graphs";
import { hooks } from "./hooks";
import { imports } from "./imports";
import { lifecycle } from "./lifecycle";
import { options } from "./options";
import { previews } from "./previews";
import { providers } from "./providers";
import { refreshes } from "./refresh";
import { replacement } from "./replacement";
import { secrets } from "./secrets";
import { targets } from "./targets";
import { transforms } from "./transforms";
import { values } from "./values";

export const themes: Readonly<Record<string, readonly Scenario[]>> = {
  lifecycle,
  graphs,
  values,
  options,
  imports,
  functions,
  dynamic,
  transforms,
  hooks,
  components,
  replacement,
  deletedWith,
  aliases,
  secrets,
  targets,
  refresh: refreshes,
  failures,
  providers,
  previews,
  cases,
};
