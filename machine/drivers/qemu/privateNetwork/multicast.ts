/**
 * The multicast group that private networks were in earlier versions: machines that were started then are on it until they are started anew, and
 * reach the others by way of the switch. Any user of the host could join that group; so the switch leaves it with the last of them.
 */
import { createSocket, type Socket } from "node:dgram";
import { framed } from "./frames";
import type { Port, Switch } from "./switch";

const loopback = "127.0.0.1";
const header = 4;

/** @param group address and port, `239.1.2.3:20000` */
export function joinMulticast(group: string, hub: Switch): { leave(): void } {
  const [address = "", number = ""] = group.split(":");
  const socket: Socket = createSocket({ type: "udp4", reuseAddr: true });
  const port: Port = {
    send: (frames) => {
      let start = 0;
      while (start + header <= frames.length) {
        const end = start + header + frames.readUInt32BE(start);
        socket.send(frames.subarray(start + header, end), Number(number), address);
        start = end;
      }
    },
  };
  socket.on("message", (frame) => {
    // What the switch sent comes back to it.
    if (frame.length < 14 || hub.isElsewhere(frame.readUIntBE(6, 6), port)) return;
    hub.receive(port, framed(frame));
  });
  socket.on("error", () => leave());
  socket.bind(Number(number), address, () => {
    socket.addMembership(address, loopback);
    socket.setMulticastInterface(loopback);
    socket.setMulticastLoopback(true);
    hub.attach(port);
  });
  let joined = true;
  const leave = (): void => {
    hub.detach(port);
    if (joined) socket.close();
    joined = false;
  };
  return { leave };
}
