/** The connection of the switch to one machine's network card: QEMU listens on a unix socket, takes one connection and, after its end, the next. */
import { connect } from "node:net";
import type { Port, Switch } from "./switch";

/** Bytes that wait for a machine that does not take them, as one that is paused: what is more is lost, as on any network. */
const mostWaiting = 4 * 1024 * 1024;

/**
 * Connects the machine whose socket this is.
 *
 * @param onEnd called once, also if nobody listens: `refused` when there is no such QEMU
 */
export function plugIn(file: string, hub: Switch, onEnd: (refused: boolean) => void): void {
  const socket = connect(file);
  let refused = false;
  const port: Port = {
    send: (frames) => {
      if (socket.writableLength < mostWaiting) socket.write(frames);
    },
  };
  socket.on("connect", () => hub.attach(port));
  socket.on("data", (chunk) => {
    if (!hub.receive(port, chunk)) socket.destroy();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    refused = error.code === "ECONNREFUSED" || error.code === "ENOENT";
  });
  socket.on("close", () => {
    hub.detach(port);
    onEnd(refused);
  });
}
