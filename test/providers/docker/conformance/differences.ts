/** Where Pulumi's plugin does something that ours does not, on purpose. `docs/engine.md` says it in words. */
export interface Difference {
  readonly type: string;
  /** Default: all. */
  readonly cases?: readonly string[];
  /** Of what is compared: `create.outputs.mustRun`, `changes.rm.replaces`, `asked.POST /build`. */
  readonly paths: readonly RegExp[];
  /** Properties that the plugin reports with every change, whatever it is: those alone are no change. */
  readonly always?: readonly string[];
  readonly why: string;
}

export const differences: readonly Difference[] = [
  {
    type: "Container",
    cases: ["plain"],
    paths: [/^changes\.(healthcheck|init|rm|throttle|tmpfs)\.(replaces|deleteBeforeReplace)$/],
    why: "the plugin reports an update, and the daemon changes nothing: ours replaces",
  },
  {
    type: "Container",
    cases: ["full"],
    paths: [/^changes\.no limits\.(replaces|deleteBeforeReplace)$/],
    why: "the daemon lifts no limit in place, it takes zero for 'as it is': ours replaces",
  },
  {
    type: "Container",
    cases: ["full"],
    paths: [],
    always: ["healthcheck"],
    why: "the plugin reads 90s back as 1m30s, and reports it for ever",
  },
  {
    type: "Container",
    cases: ["full"],
    paths: [/^read\.outputs\.securityOpts$/],
    why: "the daemon adds label=disable (pidMode host), which the plugin reports as a difference for ever",
  },
  {
    type: "RemoteImage",
    cases: ["built"],
    paths: [/^changes\.[^.]*\.properties$/],
    why: "the plugin names what has not changed, or the notes that it makes for itself",
  },
  {
    type: "RemoteImage",
    cases: ["built"],
    paths: [/^asked\.POST \/build/],
    why: "the plugin builds with buildx, over the daemon's session",
  },
  {
    type: "RegistryImage",
    cases: ["no login"],
    paths: [/^asked\.POST .*push/],
    why: "the plugin pushes to no registry without a login: ours lets the registry say whether it wants one",
  },
  {
    type: "Network",
    cases: ["overlay"],
    paths: [/^(create|read)\.outputs\.(ipamConfigs|options)$/],
    why: "the swarm gives each network the next addresses",
  },
  ...["Secret", "Service"].map((type) => ({
    type,
    paths: [/^changes\.name\.deleteBeforeReplace$/],
    why: "under another name the new one can be there first, and what uses the old one can move",
  })),
  {
    type: "Service",
    cases: ["service"],
    always: ["taskSpec"],
    paths: [/^(create|read)\.outputs\.taskSpec$/, /^updates\.label\.taskSpec$/],
    why: "the plugin reads back durations of zero that nobody has set, and reports them as a difference for ever",
  },
  {
    type: "Service",
    cases: ["service"],
    paths: [/^changes\.global\.(replaces|deleteBeforeReplace)$/],
    why: "Docker does not change a service's mode: the plugin's update fails",
  },
  {
    type: "Image",
    paths: [/^asked\.POST \/build/],
    why: "the plugin leaves the containers of the old builder behind (rm=0)",
  },
  {
    type: "Container",
    cases: ["ended, but must run"],
    paths: [/^(create|read)\.outputs\.(exitCode|mustRun|networkDatas)$/, /^changes\./],
    why: "whether it has ended when it is looked at is a matter of time",
  },
];
