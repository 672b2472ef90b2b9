// Asks /api/state every two seconds while the page is visible and draws the answer.

const pollEvery = 2000;
// A busy manager may take long; then the page says so and asks again.
const pollTimeout = 30_000;

// A mark of its own shape for each kind of state, so that colour is not the only sign.
const kinds = {
  good: { mark: "●", states: ["running", "complete"] },
  moving: { mark: "◐", states: ["new", "pending", "assigned", "accepted", "preparing", "ready", "starting"] },
  bad: { mark: "✕", states: ["failed", "rejected", "orphaned", "down", "disconnected"] },
  ended: { mark: "■", states: ["shutdown", "remove", "drain", "pause", "unknown"] },
};

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; texts become text, never markup. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== "") element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

function kindOf(state) {
  return Object.keys(kinds).find((kind) => kinds[kind].states.includes(state)) ?? "ended";
}

/** `ready` is all a node can be; a task that is ready still has to start. */
const nodeKind = (state) => (state === "ready" ? "good" : kindOf(state));

/** A task that is to end is no longer counted on, whatever it does. */
const taskKind = (task, leaving) => (leaving && kindOf(task.state) !== "bad" ? "ended" : kindOf(task.state));

function stateBadge(kind, text) {
  return make(
    "span",
    { class: `state ${kind}` },
    make("span", { class: "mark", "aria-hidden": "true" }, kinds[kind].mark),
    text,
  );
}

/** Gives an element its service's colour; not by a `style` attribute, which the page's content security policy forbids. */
function inHue(element, hue) {
  element.style.setProperty("--hue", hue);
  return element;
}

// Neighbours differ most. No red, which stands for what failed, and no plain green, which stands for what runs.
const palette = [215, 35, 285, 180, 55, 315, 250, 90];

/** Services get colours in the order of their names. */
function serviceHues(services) {
  return new Map(services.map((service, index) => [service.name, palette[index % palette.length]]));
}

function gibibytes(bytes) {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** `2 min ago`, by this browser's clock. */
function ago(timestamp) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(timestamp)) / 1000));
  if (Number.isNaN(seconds)) return "";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

function timeElement(timestamp) {
  return make("time", { datetime: timestamp, title: new Date(timestamp).toLocaleString() }, ago(timestamp));
}

function drawService(service, hue) {
  const kind = service.running === service.desired ? "good" : "moving";
  return inHue(
    make(
      "li",
      { class: "service", "data-service": service.name },
      make("strong", {}, service.name),
      stateBadge(kind, `${service.running}/${service.desired}`),
      service.ports.length > 0 ? make("span", { class: "ports" }, service.ports.join(", ")) : undefined,
    ),
    hue,
  );
}

function drawTask(task, hue) {
  const name = task.slot ? `${task.service}.${task.slot}` : task.service;
  const leaving = task.desiredState !== "running" && task.desiredState !== task.state;
  const kind = taskKind(task, leaving);
  const container = task.containerId
    ? make("code", { title: "container" }, task.containerId)
    : make("span", {}, "no container yet");
  const card = make(
    "article",
    { class: `task ${kind}`, "data-task": task.id, "data-state": task.state },
    make(
      "div",
      { class: "line" },
      make("strong", {}, name),
      stateBadge(kind, leaving ? `${task.state} → ${task.desiredState}` : task.state),
    ),
    make("div", { class: "image", title: task.image }, task.image),
    make("div", { class: "line faint" }, container, timeElement(task.updated)),
    ...taskMessages(task, kind),
  );
  return make("li", {}, inHue(card, hue ?? 0));
}

/** What the engine says of a task that does not run, and why the one before it in its place failed. */
function taskMessages(task, kind) {
  const messages = [];
  if (task.state !== "running" && task.message !== task.state)
    messages.push(make("div", { class: kind === "bad" ? "message bad" : "message" }, task.message));
  if (task.lastFailure) {
    const { message, at } = task.lastFailure;
    messages.push(make("div", { class: "message bad" }, `✕ before: ${message}, `, timeElement(at)));
  }
  return messages;
}

/** A line that breaks between facts, not in one. */
const factLine = (facts) =>
  facts
    .filter((fact) => fact !== "")
    .map((fact) => fact.replaceAll(" ", "\u00a0"))
    .join(" · ");

function drawNode(node, hues) {
  const facts = [
    node.address,
    node.memoryBytes ? gibibytes(node.memoryBytes) : "",
    node.cpus ? `${node.cpus} CPU${node.cpus === 1 ? "" : "s"}` : "",
    node.engine ? `Docker ${node.engine}` : "",
  ];
  const kind = nodeKind(node.state);
  return make(
    "section",
    { class: `node ${kind}`, "data-node": node.name },
    make("div", { class: "line" }, make("h2", {}, node.name), stateBadge(kind, node.state)),
    make(
      "div",
      { class: "tags" },
      make("span", { class: "tag" }, node.leader ? `${node.role}, leader` : node.role),
      node.availability === "active" ? undefined : make("span", { class: "tag warn" }, node.availability),
    ),
    make("div", { class: "facts" }, factLine(facts)),
    node.message ? make("div", { class: "message bad" }, node.message) : undefined,
    taskList(node.tasks, hues, "No task on this node"),
  );
}

function taskList(tasks, hues, empty) {
  if (tasks.length === 0) return make("p", { class: "empty" }, empty);
  return make("ul", { class: "tasks" }, ...tasks.map((task) => drawTask(task, hues.get(task.service))));
}

function draw(state) {
  const hues = serviceHues(state.services);
  const tasks = state.nodes.reduce((sum, node) => sum + node.tasks.length, 0) + state.unassigned.length;
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  byId("summary").textContent =
    `${count(state.nodes.length, "node")}, ${count(state.services.length, "service")}, ${count(tasks, "task")}`;
  byId("services").replaceChildren(
    ...state.services.map((service) => drawService(service, hues.get(service.name))),
  );
  const columns = state.nodes.map((node) => drawNode(node, hues));
  if (state.unassigned.length > 0) {
    columns.push(
      make(
        "section",
        { class: "node waiting" },
        make("h2", {}, "Waiting for a node"),
        taskList(state.unassigned, hues, ""),
      ),
    );
  }
  byId("nodes").replaceChildren(...columns);
}

function showProblem(message) {
  byId("problem").hidden = message === undefined;
  byId("problem").textContent = message ?? "";
  byId("live").textContent = message === undefined ? "live" : "not live";
  byId("live").className = message === undefined ? "on" : "off";
  document.body.classList.toggle("stale", message !== undefined);
}

let drawn = "";

async function poll() {
  try {
    const response = await fetch("api/state", { signal: AbortSignal.timeout(pollTimeout) });
    const text = await response.text();
    const answer = JSON.parse(text);
    if (!response.ok) throw new Error(answer.error ?? `the visualizer answered ${response.status}`);
    // Drawn anew only when something changed: a selection or a focus in the page stays.
    if (text !== drawn) {
      draw(answer);
      drawn = text;
    }
    showProblem(undefined);
  } catch (error) {
    const lost = error instanceof TypeError || error instanceof SyntaxError || error.name === "TimeoutError";
    showProblem(lost ? "The visualizer itself does not answer. Trying again…" : error.message);
  }
}

function tellTimes() {
  for (const element of document.querySelectorAll("time")) element.textContent = ago(element.dateTime);
}

for (;;) {
  if (!document.hidden) {
    await poll();
    tellTimes();
  }
  await new Promise((resolve) => setTimeout(resolve, pollEvery));
}
