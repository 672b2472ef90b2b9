export const colorChoices = ["auto", "always", "never", "raw"] as const;

/** `--color`; `raw` is Pulumi's word for always. */
export type ColorChoice = (typeof colorChoices)[number];
