// Removes whole families of iptables chains, told by their names, with every rule elsewhere that enters them.
import { runCommand, tryCommand } from '../shell/runCommand.js';

export interface Removal {
  /** Input for iptables-restore --noflush. */
  restore: string;
  chains: number;
}

/** `saved` is what iptables-save prints; rules of other chains stay as they are. */
export function removalOf(saved: string, isOurs: (chain: string) => boolean): Removal {
  const lines: string[] = [];
  let chains: string[] = [];
  let jumps: string[] = [];
  let total = 0;
  for (const line of saved.split('\n')) {
    const [first = '', second = ''] = line.split(' ');
    const target = /(?:^| )-[jg] (\S+)/.exec(line)?.[1];
    if (first.startsWith('*')) {
      [chains, jumps] = [[], []];
      lines.push(first);
    } else if (first.startsWith(':') && isOurs(first.slice(1))) chains.push(first.slice(1));
    else if (first === '-A' && !isOurs(second) && target && isOurs(target)) jumps.push(line.replace(/^-A/, '-D'));
    else if (first === 'COMMIT') {
      lines.push(...jumps, ...chains.map((chain) => `-F ${chain}`), ...chains.map((chain) => `-X ${chain}`), first);
      total += chains.length;
    }
  }
  return { restore: `${lines.join('\n')}\n`, chains: total };
}

/** For IPv4 and, where there is such a program, IPv6. */
export async function removeChains(isOurs: (chain: string) => boolean): Promise<void> {
  for (const family of ['iptables', 'ip6tables']) {
    const saved = await tryCommand(`${family}-save`, []);
    if (saved.code !== 0) continue;
    const { restore, chains } = removalOf(saved.stdout, isOurs);
    if (chains > 0) await runCommand(`${family}-restore`, ['--noflush', '-w', '10'], { input: restore });
  }
}
