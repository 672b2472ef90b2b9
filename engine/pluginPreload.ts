/**
 * What runs in the process of the SDK's dynamic provider before it. It would outlive an engine that is killed: it ends with its input. And it would
 * listen on a port, where every user of the host could have it run code: told of an engine's socket, it listens beside that (host/pluginSocket.ts).
 */
import { firstSocketNumber } from "../host/pluginSocket";

const ending = `process.stdin.on("end", () => process.exit(1)).resume().unref();`;

const socket = `
import { createRequire } from "node:module";
import { dirname } from "node:path";
const engine = process.argv.slice(2).find((argument) => argument.startsWith("unix:"));
if (engine !== undefined) {
  const { Server } = createRequire(process.argv[1])("@grpc/grpc-js");
  const { addService, bindAsync } = Server.prototype;
  const providers = new WeakSet();
  Server.prototype.addService = function (service, ...rest) {
    if (Object.values(service).some(({ path }) => path.startsWith("/pulumirpc.ResourceProvider/"))) providers.add(this);
    return addService.call(this, service, ...rest);
  };
  Server.prototype.bindAsync = function (address, given, done) {
    if (!providers.has(this)) return bindAsync.call(this, address, given, done);
    const number = ${firstSocketNumber} + process.pid;
    bindAsync.call(this, dirname(engine) + "/" + number + ".sock", given, (error) => done(error, number));
  };
}
`;

/** An argument for Node.js. */
export const dynamicProviderPreload = `--import=data:text/javascript,${encodeURIComponent(socket + ending)}`;
