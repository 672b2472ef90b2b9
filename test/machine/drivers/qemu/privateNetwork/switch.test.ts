import fc from "fast-check";
import { framed } from "../../../../../machine/drivers/qemu/privateNetwork/frames";
import { type Port, Switch } from "../../../../../machine/drivers/qemu/privateNetwork/switch";

const all = "ff:ff:ff:ff:ff:ff";
const [a, b, c] = ["52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:00:00:03"] as const;

const bytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(":", ""), "hex");

/** A frame as QEMU writes it. */
const frame = (to: string, from: string, text = ""): Buffer =>
  framed(Buffer.concat([bytes(to), bytes(from), Buffer.from([8, 0]), Buffer.from(text)]));

/** A machine at a port, and the texts that have come to it. */
class Machine implements Port {
  private came = Buffer.alloc(0);
  send(frames: Buffer): void {
    this.came = Buffer.concat([this.came, frames]);
  }
  get texts(): string[] {
    const found: string[] = [];
    for (let at = 0; at < this.came.length; ) {
      const end = at + 4 + this.came.readUInt32BE(at);
      found.push(this.came.subarray(at + 18, end).toString());
      at = end;
    }
    this.came = Buffer.alloc(0);
    return found;
  }
}

function three(): { hub: Switch; machines: [Machine, Machine, Machine] } {
  const hub = new Switch();
  const machines: [Machine, Machine, Machine] = [new Machine(), new Machine(), new Machine()];
  for (const machine of machines) hub.attach(machine);
  return { hub, machines };
}

const texts = (machines: readonly Machine[]): string[][] => machines.map((machine) => machine.texts);

it("sends to all others what is for all, and what is for somebody not seen yet", () => {
  const { hub, machines } = three();
  hub.receive(machines[0], Buffer.concat([frame(all, a, "who is b?"), frame(b, a, "b!")]));
  expect(texts(machines)).toEqual([[], ["who is b?", "b!"], ["who is b?", "b!"]]);
});

it("sends to one what is for that one, in order", () => {
  const { hub, machines } = three();
  hub.receive(machines[1], frame(all, b));
  hub.receive(machines[2], frame(all, c));
  texts(machines);
  hub.receive(
    machines[0],
    Buffer.concat([frame(b, a, "1"), frame(b, a, "2"), frame(c, a, "3"), frame(b, a, "4")]),
  );
  expect(texts(machines)).toEqual([[], ["1", "2", "4"], ["3"]]);
});

it("follows an address to where it was seen last, and forgets it with its machine", () => {
  const { hub, machines } = three();
  hub.receive(machines[1], frame(all, b));
  hub.receive(machines[2], frame(all, b));
  texts(machines);
  hub.receive(machines[0], frame(b, a, "moved"));
  expect(texts(machines)).toEqual([[], [], ["moved"]]);
  hub.detach(machines[2]);
  hub.receive(machines[0], frame(b, a, "gone"));
  expect(texts(machines)).toEqual([[], ["gone"], []]);
});

it("sends nothing back to where it came from", () => {
  const { hub, machines } = three();
  hub.receive(machines[0], frame(all, a));
  texts(machines);
  hub.receive(machines[0], frame(a, b, "to itself"));
  expect(texts(machines)).toEqual([[], [], []]);
});

it("says of a stream that has no frames in it that it has none", () => {
  const { hub, machines } = three();
  expect(hub.receive(machines[0], Buffer.from("GET / HTTP/1.1\r\n"))).toBe(false);
});

it("keeps no more addresses than a network has machines, whatever a guest makes up", () => {
  const { hub, machines } = three();
  hub.receive(machines[1], frame(all, b));
  const made = Array.from({ length: 10_000 }, (_, index) =>
    frame(
      all,
      `02:00:00:00:${(index >> 8).toString(16).padStart(2, "0")}:${(index & 255).toString(16).padStart(2, "0")}`,
    ),
  );
  hub.receive(machines[0], Buffer.concat(made));
  texts(machines);
  hub.receive(machines[0], frame(b, a, "still known"));
  expect(texts(machines)).toEqual([[], ["still known"], []]);
});

it("passes on all frames whole, however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(b, c, all), fc.string({ maxLength: 40 })), { maxLength: 20 }),
      fc.array(fc.nat({ max: 60 }), { maxLength: 40 }),
      (frames, cuts) => {
        const { hub, machines } = three();
        hub.receive(machines[1], frame(all, b));
        hub.receive(machines[2], frame(all, c));
        texts(machines);
        let stream = Buffer.concat(frames.map(([to, text]) => frame(to, a, text)));
        for (const cut of [...cuts, stream.length]) {
          expect(hub.receive(machines[0], stream.subarray(0, cut))).toBe(true);
          stream = stream.subarray(cut);
        }
        const of = (mac: string): string[] =>
          frames.filter(([to]) => to === mac || to === all).map(([, text]) => text);
        expect(texts(machines)).toEqual([[], of(b), of(c)]);
      },
    ),
  );
});
