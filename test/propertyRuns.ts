/** The same each time: a change is not blamed for what another seed finds. `RUNS=5000 SEED=7` looks further. */
export const runs = {
  numRuns: Number(process.env.RUNS ?? 100),
  seed: Number(process.env.SEED ?? 1),
};
