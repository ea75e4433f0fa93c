// bpci relay: follows a chain without a vote, and serves reads.
import path from 'node:path';
import { mkdirSync } from 'node:fs';
import type { Command } from 'commander';
import { homeFiles, loadGenesis } from '../../chain/node/config.js';
import { blocks, endpoint, port } from './flags.js';

interface RelayFlags {
  genesis: string;
  from: string[];
  dataDir: string;
  name: string;
  host: string;
  apiPort: number;
  metricsPort: number;
  snapshotSyncAbove?: number;
}

export function addRelayCommand(program: Command, print: (line: string) => void): void {
  program
    .command('relay')
    .description('follow the chain without a vote, check and execute every block, and serve reads; a home directory that is to join catches up so, too')
    .requiredOption('--genesis <file>', 'the genesis document, as it was published')
    .requiredOption('--from <url>', 'HTTP API of a validator or relay to follow; may be given several times, and should be', (text: string, earlier: string[] = []) => [...earlier, endpoint(text)])
    .option('--data-dir <dir>', 'where the chain is kept', path.join('.enc', 'relay'))
    .option('--name <name>', 'what it calls itself in its status', 'relay')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--api-port <port>', 'HTTP API', port, 21_051)
    .option('--metrics-port <port>', 'metrics', port, 21_151)
    .option('--snapshot-sync-above <blocks>', 'begin with a snapshot when further behind than so many blocks; 0 = execute every block (default 5000)', blocks)
    .action(async ({ genesis, from, dataDir, name, host, apiPort, metricsPort, snapshotSyncAbove }: RelayFlags) => {
      mkdirSync(homeFiles(dataDir).data, { recursive: true, mode: 0o700 });
      const document = loadGenesis(genesis, homeFiles(dataDir).checked);
      const { runRelay } = await import('../../chain/node/runNode.js');
      await runRelay({ genesis: document, dataDir, name, from, api: { host, port: apiPort }, metrics: { host, port: metricsPort }, ...(snapshotSyncAbove === undefined ? {} : { snapshotSyncAbove }) }, print);
    });
}
