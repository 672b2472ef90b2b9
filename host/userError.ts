/**
 * A failure the user can mend: shown as its message alone, without a stack.
 * Anything else that is thrown is our own bug and shows everything.
 *
 * @example throw new UserError("memory: 12 MiB is too little", "a node needs at least 512", "set vmcluster:memory")
 */
export class UserError extends Error {
  /**
   * @param what what is wrong, naming the field or the program
   * @param why the reason, or what is allowed
   * @param remedy what to do about it
   */
  constructor(
    readonly what: string,
    readonly why?: string,
    readonly remedy?: string,
  ) {
    super([what, why, remedy].filter((part) => part !== undefined && part !== "").join("\n  "));
    this.name = "UserError";
  }
}
