/** What is wrong with a resource, told with its URN; nothing is done to it. */
export class ResourceError extends Error {
  constructor(
    readonly urn: string,
    message: string,
    /** Already told in messages of their own. */
    readonly told: boolean = false,
  ) {
    super(message);
  }
}
