/**
 * What Docker says of a swarm in trouble, in words that help. Its own advice (`docker swarm init`, leave and join again) loses the swarm and all
 * that it knows of services (moby: daemon/cluster/errors.go).
 */

export interface SwarmTrouble {
  /** What it is. */
  readonly what: string;
  /** Docker's own words advise what does harm, and are not to be shown. */
  readonly misleads: boolean;
  readonly remedy: string;
}

const expired = /certificates?( of the swarm)? (has|have) expired|x509:.*(expired|not yet valid)/i;
const leaderless = /does not have a leader|lost leader status|no leader/i;
const late = /rpc error: code = DeadlineExceeded/;
const waits = /the swarm does not answer in time there/;
const nonManager = /not a swarm manager/i;

/** Whether the managers that say this all answer and have found no leader, so that no step of a plan brings one. */
export function noneLeads(refusals: readonly string[]): boolean {
  const kinds = refusals.map((said) => (leaderless.test(said) ? "leaderless" : waits.test(said) && "late"));
  return kinds.includes("leaderless") && !kinds.includes(false);
}

/** Undefined if it is of another kind. */
export function swarmTrouble(said: string): SwarmTrouble | undefined {
  if (expired.test(said))
    return {
      what: "the certificates of the swarm have expired",
      misleads: true,
      remedy:
        "do not follow Docker's advice to leave or `docker swarm init`: the swarm would be lost. Nothing is lost yet; docs/swarm.md, Expired certificates, tells how to renew them",
    };
  if (leaderless.test(said))
    return {
      what: "the swarm has no leader there",
      misleads: false,
      remedy:
        "more than half of its managers must run and reach each other: vmcluster machine ls shows the machines, vmcluster machine start NAME starts one",
    };
  // One that waits for the others: they choose a leader, or are no majority.
  if (late.test(said))
    return {
      what: "the swarm does not answer in time there",
      misleads: false,
      remedy:
        "its managers may be choosing a leader, or be overloaded: try again; if it lasts, more than half of them must run and reach each other (vmcluster machine ls)",
    };
  if (nonManager.test(said))
    return {
      what: "this node manages no swarm now",
      misleads: true,
      remedy:
        "do not `docker swarm init` there, which makes another swarm: `docker info` there tells whether it left the swarm, is being started, or lost the other managers",
    };
  return undefined;
}
