// The machine's network for the real node: the pods' bridge, forwarding, the way out, and the way from pods to the API server on loopback. All of it can be undone.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { network } from '../local/network.js';
import { runCommand, tryCommand } from '../shell/runCommand.js';
import { removeChains } from './removeChains.js';

const { bridge, pods, nodeAddress, nodePrefix, apiServerService } = network;
const SYSCTLS: Record<string, string> = {
  '/proc/sys/net/ipv4/ip_forward': '1',
  '/proc/sys/net/bridge/bridge-nf-call-iptables': '1',
};
const CHAINS = { toApiServer: 'ENC-API', wayOut: 'ENC-OUT', forward: 'ENC-FORWARD' };

interface Rule {
  table: 'nat' | 'filter';
  chain: string;
  /** Chains of the system from which ours is entered, each at its head. */
  from: string[];
  rules: string[][];
}

/** The iptables rules, each set in a chain of its own. */
export function hostRules(apiServerPort: number): Rule[] {
  return [
    {
      // kube-proxy would lead the service to the advertised address; the API server listens on loopback only.
      table: 'nat',
      chain: CHAINS.toApiServer,
      from: ['PREROUTING', 'OUTPUT'],
      rules: [['-d', apiServerService, '-p', 'tcp', '--dport', '443', '-j', 'DNAT', '--to-destination', `127.0.0.1:${apiServerPort}`]],
    },
    { table: 'nat', chain: CHAINS.wayOut, from: ['POSTROUTING'], rules: [['-s', pods, '!', '-o', bridge, '-j', 'MASQUERADE']] },
    {
      table: 'filter',
      chain: CHAINS.forward,
      from: ['FORWARD'],
      rules: [
        ['-i', bridge, '-j', 'ACCEPT'],
        ['-o', bridge, '-j', 'ACCEPT'],
      ],
    },
  ];
}

const iptables = (...arguments_: string[]) => runCommand('iptables', ['-w', '10', ...arguments_]);

const isOurs = (chain: string) => Object.values(CHAINS).includes(chain);
/** Chains that kube-proxy, the kubelet and CNI's portmap make and leave behind. */
const isTheNodes = (chain: string) => isOurs(chain) || chain.startsWith('KUBE-') || chain.startsWith('CNI-');

/** kube-proxy puts its chain in front of what is there; only then can ours be put in front of it. */
export const kubeProxyHasItsRules = async (): Promise<boolean> =>
  (await tryCommand('iptables', ['-w', '10', '-t', 'nat', '-S', 'PREROUTING'])).stdout.includes('-j KUBE-SERVICES');

/** To be called after kube-proxy is ready; can be repeated. */
export async function applyRules(apiServerPort: number): Promise<void> {
  await removeChains(isOurs);
  for (const { table, chain, from, rules } of hostRules(apiServerPort)) {
    await iptables('-t', table, '-N', chain);
    for (const rule of rules) await iptables('-t', table, '-A', chain, ...rule);
    for (const entry of from) await iptables('-t', table, '-I', entry, '1', '-j', chain);
  }
}

const savedFile = (nodeDir: string) => path.join(nodeDir, 'sysctls.json');

function setSysctls(nodeDir: string): void {
  const before: Record<string, string> = existsSync(savedFile(nodeDir))
    ? (JSON.parse(readFileSync(savedFile(nodeDir), 'utf8')) as Record<string, string>)
    : {};
  for (const [file, value] of Object.entries(SYSCTLS)) {
    if (!existsSync(file)) continue;
    const now = readFileSync(file, 'utf8').trim();
    if (now === value) continue;
    before[file] ??= now;
    writeFileSync(file, value);
  }
  mkdirSync(nodeDir, { recursive: true });
  writeFileSync(savedFile(nodeDir), JSON.stringify(before));
}

export async function setUpHostNetwork(nodeDir: string): Promise<void> {
  await tryCommand('modprobe', ['br_netfilter']); // built in, or not there: the sysctl below tells
  setSysctls(nodeDir);
  if ((await tryCommand('ip', ['link', 'show', bridge])).code !== 0) await runCommand('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await runCommand('ip', ['address', 'replace', `${nodeAddress}/${nodePrefix}`, 'dev', bridge]);
  await runCommand('ip', ['link', 'set', bridge, 'up']);
  writeFileSync(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1');
}

/** Removes the bridge and the node's chains, and gives the sysctls their earlier values. */
export async function tearDownHostNetwork(nodeDir: string): Promise<void> {
  await removeChains(isTheNodes);
  await tryCommand('ip', ['link', 'delete', bridge]);
  if (!existsSync(savedFile(nodeDir))) return;
  for (const [file, value] of Object.entries(JSON.parse(readFileSync(savedFile(nodeDir), 'utf8')) as Record<string, string>)) {
    if (existsSync(file)) writeFileSync(file, value);
  }
  rmSync(savedFile(nodeDir));
}
