/** Ends the children when the supervisor is killed and cannot do it itself. */
import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A shell that reads `+ <pid> <signal>` and `- <pid>` and, when its input ends, signals what is left and kills it
 * after eight seconds. A shell, because it costs a megabyte where a Node process costs forty.
 */
const SCRIPT = `
trap '' INT TERM HUP
list=""
while read -r sign pid signal; do
  if [ "$sign" = "+" ]; then list="$list $pid:$signal"
  else
    rest=""
    for entry in $list; do [ "\${entry%%:*}" = "$pid" ] || rest="$rest $entry"; done
    list="$rest"
  fi
done
for entry in $list; do kill -"\${entry#*:}" "\${entry%%:*}" 2>/dev/null; done
tries=0
while [ $tries -lt 40 ]; do
  alive=""
  for entry in $list; do kill -0 "\${entry%%:*}" 2>/dev/null && alive="yes"; done
  [ -z "$alive" ] && exit 0
  sleep 0.2
  tries=$((tries + 1))
done
for entry in $list; do kill -KILL "\${entry%%:*}" 2>/dev/null; done
`;

export class Reaper {
  readonly #shell: ChildProcess;

  constructor() {
    // a session of its own: whatever ends the supervisor's process group must not end the reaper
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#shell.stdin?.on('error', () => {});
    this.#shell.on('error', () => {});
    this.#shell.unref();
  }

  add(pid: number, signal: NodeJS.Signals): void {
    this.#shell.stdin?.write(`+ ${pid} ${signal.slice(3)}\n`);
  }

  remove(pid: number): void {
    this.#shell.stdin?.write(`- ${pid}\n`);
  }

  /** Nothing is left to watch. */
  close(): void {
    this.#shell.stdin?.end();
  }
}
