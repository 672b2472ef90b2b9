import { Argument, type Command } from "commander";

/** `completion bash` prints what a shell reads once; `__complete` is what it then asks at each Tab. */
export function addCompletion(program: Command): void {
  program
    .command("completion")
    .alias("gen-completion")
    .description("print the completion of verbs, options and machine names for a shell")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
bash:  echo 'source <(vmcluster completion bash)' >> ~/.bashrc
zsh:   echo 'source <(vmcluster completion zsh)' >> ~/.zshrc
fish:  vmcluster completion fish > ~/.config/fish/completions/vmcluster.fish`,
    )
    .action(async (shell: string) => {
      const { scripts } = await import("../completion/scripts.js");
      process.stdout.write(scripts[shell] ?? "");
    });
  program
    .command("__complete [words...]", { hidden: true })
    .passThroughOptions()
    .action(async (words: string[]) => {
      const { candidates } = await import("../completion/candidates.js");
      const { listMachines } = await import("../../machine/store.js");
      const { swarmNames } = await import("../completion/swarmNames.js");
      const names = {
        machines: () => listMachines().map(({ spec }) => spec.name),
        ...(await swarmNames(program, words)),
      };
      for (const { word, description } of candidates(program, words, names))
        process.stdout.write(description === "" ? `${word}\n` : `${word}\t${description}\n`);
    });
}
