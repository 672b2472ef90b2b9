import type * as scripts from "../../../machine/swarm/scripts";

/** A node that cannot be demoted is waited for so long; a minute outside of tests. */
export const demotion = { seconds: 60 };

/** What stands for the scripts in a test: those that demote a node take their time from `demotion`. */
export function withDemotionTime(actual: typeof scripts): typeof scripts {
  const timed = (script: string): string => script.replace("+ 60", `+ ${demotion.seconds}`);
  return {
    ...actual,
    get demoteScript() {
      return timed(actual.demoteScript);
    },
    get demoteItselfScript() {
      return timed(actual.demoteItselfScript);
    },
  };
}
