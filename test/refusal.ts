import { UserError } from "../host/userError";

/** The message with which an action refuses; fails if it does not, or with an error that is no UserError. */
export function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error("was accepted");
}
