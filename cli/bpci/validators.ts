// bpci validators: the sets and their heights, and a change of the set from proposal over signatures to the chain (ADR 6).
import type { Command } from 'commander';
import type { NodeStatus } from '../../chain/node/api/context.js';
import { stateKeys, type ValidatorSetRecord } from '../../chain/types.js';
import { quorum } from '../../receipts/quorum.js';
import { introduction, makeCandidate, type CandidateFlags } from './candidate.js';
import { DEFAULT_ENDPOINT } from './config.js';
import { endpoint, hostPort, port } from './flags.js';
import { output, show, type Flags, type Print } from './inspect.js';
import { facts, table } from './table.js';
import { ask } from './validatorApi.js';
import { propose, sign, submit, type ProposeFlags } from './validatorsChange.js';

export function addValidatorsCommand(program: Command, print: Print): void {
  const validators = program
    .command('validators')
    .description('who signs, and from which height on; with the commands that change it')
    .option('--endpoint <url>', "a validator's HTTP API", endpoint, DEFAULT_ENDPOINT)
    .option('-o, --output <format>', 'text or json', output, 'text')
    .action(async (flags: Flags) => {
      const sets = await setsOf(flags.endpoint);
      const { height } = await ask<NodeStatus>(flags.endpoint, '/v1/status');
      show(flags, sets, () => setsText(sets, height), print);
    });
  // Of the command above, so that it may stand on either side of the subcommand.
  const at = (command: Command): string => command.optsWithGlobals<{ endpoint: string }>().endpoint;
  validators
    .command('candidate')
    .description('make the key and home directory of a node that may join, and say who it is')
    .requiredOption('--from <dir>', "a home directory of the network, for its genesis and peers' addresses")
    .requiredOption('--home <dir>', 'the new home, empty or not there yet')
    .requiredOption('--name <name>', 'what it is called')
    .requiredOption('--peer-address <host:port>', 'where its peer link is reached', hostPort)
    .requiredOption('--out <file>', 'who it is, for "bpci validators propose"; a file that is not there yet')
    .option('--api-port <port>', 'HTTP API port', port, 21_001)
    .option('--metrics-port <port>', 'metrics port', port, 21_101)
    .action(async (flags: CandidateFlags) => print(await makeCandidate(flags)));
  validators
    .command('introduce')
    .description('say who the holder of a home is that follows the chain already, for "propose --add"')
    .requiredOption('--home <dir>', 'with its key')
    .requiredOption('--peer-address <host:port>', 'where its peer link is reached', hostPort)
    .action(({ home, peerAddress }: Pick<CandidateFlags, 'home' | 'peerAddress'>) => print(JSON.stringify(introduction(home, peerAddress), null, 2)));
  validators
    .command('propose')
    .description('write down a change of the set in force, for its members to sign')
    .option('--add <file>', 'made by "bpci validators candidate"; repeat', (file: string, before: string[] = []) => [...before, file])
    .option('--remove <name>', 'a member of the set; repeat', (name: string, before: string[] = []) => [...before, name])
    .requiredOption('--reason <text>', 'why; it is signed and stays on the chain')
    .requiredOption('--out <file>', 'a file that is not there yet')
    .action(async (flags: Omit<ProposeFlags, 'sets'>, command: Command) => print(await propose({ ...flags, sets: await setsOf(at(command)) })));
  validators
    .command('sign')
    .description("add a member's signature to a proposed change")
    .argument('<file>', 'made by "bpci validators propose"; - signs the input and prints it, for a home in a pod')
    .requiredOption('--home <dir>', "the member's home directory")
    .action(async (file: string, { home }: { home: string }) => print(await sign(file, home)));
  validators
    .command('submit')
    .description('send a change that enough members have signed')
    .argument('<file>', 'signed')
    .requiredOption('--key <file>', 'key of the account that sends it')
    .action(async (file: string, { key }: { key: string }, command: Command) => print(await submit(file, key, at(command))));
}

async function setsOf(from: string): Promise<ValidatorSetRecord[]> {
  const prefix = stateKeys.validatorSet(0).replace(/\d+$/, '');
  const { entries } = await ask<{ entries: { value: string }[] }>(from, `/v1/state-list?prefix=${prefix}`);
  return entries.map(({ value }) => JSON.parse(value) as ValidatorSetRecord);
}

function setsText(sets: ValidatorSetRecord[], height: number): string {
  const inForce = sets.findLast(({ since }) => since <= height + 1)!;
  const { set, endpoints } = inForce;
  const rows = set.validators.map(({ address, ed25519PublicKey, blsPublicKey }, i) => [i, address, ed25519PublicKey, `${blsPublicKey.slice(0, 16)}…`, endpoints[ed25519PublicKey] ?? 'as in node.json']);
  const history = sets.map(({ since, hash, set: of, changedBy }) => [since, of.validators.length, quorum(of.validators.length, of.quorumPercent), hash.slice(0, 16), changedBy?.slice(0, 16) ?? 'genesis', since > height + 1 ? 'to come' : since === inForce.since ? 'in force' : 'past']);
  const head = facts([
    ['set', inForce.hash],
    ['since', `block ${inForce.since}`],
    ['needed', `${quorum(set.validators.length, set.quorumPercent)} of ${set.validators.length}`],
  ]);
  return [head, table([['INDEX', 'ADDRESS', 'ED25519 KEY', 'BLS KEY', 'ENDPOINT'], ...rows]), table([['SINCE', 'SIZE', 'NEEDED', 'SET', 'CHANGED BY', 'STATE'], ...history])].join('\n\n');
}
