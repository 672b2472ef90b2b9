/**
 * What runs on two hosts to see whether packets pass from one to the other, with what Debian, Ubuntu and Fedora have: Perl or Python
 * listens, bash sends. Nothing of it needs root, and it ends by itself.
 */

/** A listener that nobody ended is gone after so many seconds. */
const listenSeconds = 60;

/** What is sent; other traffic is not counted. */
const token = "vmcluster-port-check";

/** How many datagrams go to a port that a running swarm has, where only the kernel's counter tells whether they came. */
export const counted = 40;

/** Each prints `busy udp/4789` for what is in use, then `pid N` and `ready`, then `got udp/4789`. */
const perl = `
use strict; use IO::Socket::INET; use IO::Select;
$| = 1;
my ($address, $seconds, @ports) = @ARGV;
my %port; my $select = IO::Select->new;
for my $port (@ports) {
  my ($kind, $number) = split m{/}, $port;
  my @tcp = $kind eq "tcp" ? (Listen => 5, ReuseAddr => 1) : ();
  my $socket = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $number, Proto => $kind, @tcp);
  if (!$socket) { print "busy $port\\n"; next }
  $port{fileno $socket} = $port; $select->add($socket);
}
print "pid $$\\nready\\n";
my $end = time + $seconds;
while ($select->count && time < $end) {
  for my $socket ($select->can_read(1)) {
    my $port = $port{fileno $socket}; my $text = "";
    if ($port =~ /^tcp/) { my $peer = $socket->accept or next; $peer->sysread($text, 64) }
    else { $socket->recv($text, 64) }
    next if $text ne "${token}";
    print "got $port\\n"; $select->remove($socket);
  }
}`;

const python = `
import os, select, socket, sys, time
address, seconds, ports = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
say = lambda text: print(text, flush=True)
waiting = {}
for port in ports:
    kind, number = port.split("/")
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    try:
        if kind == "tcp": one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((address, int(number)))
        if kind == "tcp": one.listen(5)
        waiting[one] = port
    except OSError:
        say("busy " + port)
say("pid %d\\nready" % os.getpid())
end = time.time() + seconds
while waiting and time.time() < end:
    for one in select.select(list(waiting), [], [], 1)[0]:
        if waiting[one].startswith("tcp"):
            peer = one.accept()[0]
            peer.settimeout(3)
            try: text = peer.recv(64)
            except OSError: text = b""
        else: text = one.recv(64)
        if text == b"${token}": say("got " + waiting.pop(one))`;

/** Values: `address` to listen on, `ports` as words. Says `none` if there is nothing to listen with. */
export const listenScript = `
if command -v perl >/dev/null && perl -MIO::Socket::INET -MIO::Select -e 1 2>/dev/null; then
  exec timeout ${listenSeconds} perl -e "$perl" -- "$address" ${listenSeconds} $ports
elif command -v python3 >/dev/null; then
  exec timeout ${listenSeconds} python3 -c "$python" "$address" ${listenSeconds} $ports
fi
echo none
`;

export const listenPrograms = { perl, python };

/** Values: `address` and `ports` to send to, `times` how often a datagram. Says `sent tcp/2377` of connections that were made. */
export const sendScript = `
command -v bash >/dev/null || { echo none; exit 0; }
for port in $ports; do
  case $port in
  tcp/*)
    timeout 10 bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf %s "$3" >&3' - "$address" "\${port#*/}" ${token} 2>/dev/null && echo "sent $port" &
    ;;
  udp/*)
    timeout 10 bash -c 'exec 3>"/dev/udp/$1/$2"; for i in $(seq "$4"); do printf %s "$3" >&3; sleep 0.02; done' - "$address" "\${port#*/}" ${token} "$times" 2>/dev/null &
    ;;
  esac
done
wait
`;

/** Datagrams that programs and tunnels of this host have received so far. */
export const counterScript = `sed -n 's/^Udp: \\([0-9][0-9]*\\) .*/\\1/p' /proc/net/snmp`;
