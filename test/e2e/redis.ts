import { connect } from "node:net";

/** All that Redis answers to commands, one a line, sent over a connection of their own. */
export function askRedis(host: string, port: number, commands: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answers = "";
    const lines = [...commands, "QUIT"].map((command) => `${command}\r\n`).join("");
    const socket = connect({ host, port }, () => socket.write(lines));
    socket.setEncoding("utf8");
    socket.setTimeout(20_000, () => socket.destroy(new Error(`Redis at ${host}:${port} does not answer`)));
    socket.on("data", (text: string) => {
      answers += text;
    });
    socket.on("close", () => resolve(answers));
    socket.on("error", reject);
  });
}
