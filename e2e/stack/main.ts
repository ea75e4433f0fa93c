// `make up`, `make story`, `make down`: the local stack's commands.
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { readFileSync } from 'node:fs';
import type { Cluster } from '../cluster/provider.js';
import { openStory } from '../story/context.js';
import { runStory } from '../story/story.js';
import { tell } from '../story/tell.js';
import { checkout, layoutOf, type Layout } from './layout.js';
import { printedProgress } from './progress.js';
import { down, up } from './stack.js';

const wholeNumber = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`);
  return value;
};

interface Options {
  stateDir: string;
  validators: number;
  portOffset: number;
  story: boolean;
}

const layoutFrom = ({ stateDir, validators, portOffset }: Options): Layout => layoutOf({ stateDir: path.resolve(stateDir), validators, portOffset });

async function tellStory(layout: Layout, cluster: Cluster): Promise<boolean> {
  const story = await openStory(layout, cluster);
  try {
    console.log('\nThe story: what this does, on a real API server, with real validators and real signatures\n');
    const facts = await runStory(story, (number, fact) => console.log(tell(number, fact)));
    const broken = facts.filter(({ holds }) => !holds);
    console.log(broken.length === 0 ? `All ${facts.length} facts hold.` : `${broken.length} of ${facts.length} facts do not hold: ${broken.map(({ title }) => title).join('; ')}`);
    return broken.length === 0;
  } finally {
    await story.close();
  }
}

function whatNext(layout: Layout, cluster: Cluster): string {
  const relative = (file: string) => path.relative(process.cwd(), file) || '.';
  return `
What to try next
  export KUBECONFIG=${cluster.kubeconfig} PATH=${layout.binDir}:$PATH
  kubectl enc status                                   # chain, validators, policies, agreements, nodes
  kubectl get enc -A                                   # every resource of this project
  kubectl enc explain workload/eu-payments -n payments # why it runs where it runs
  kubectl enc receipts --for workload/eu-payments -n payments
  kubectl run free-rider --image=enc.local/demo:1 -n payments
  bpci status --endpoint ${layout.endpoints[0]}
  logs: ${relative(path.join(layout.stateDir, 'logs'))}    stop everything: make down`;
}

const program = new Command('stack').exitOverride().showHelpAfterError();
const command = (name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .option('--state-dir <dir>', 'where the stack keeps its state', path.join(checkout, '.enc'))
    .option('--validators <n>', 'size of the validator set', wholeNumber(1, 100), 4)
    .option('--port-offset <n>', 'added to every documented port', wholeNumber(0, 40_000), 0);

command('up', 'bring everything up and tell the story')
  .option('--no-story', 'only bring it up')
  .action(async (options: Options) => {
    const layout = layoutFrom(options);
    const settings = { validators: options.validators, blockTime: '2s', finalityThreshold: 67 };
    const cluster = await up(layout, settings, printedProgress());
    const held = !options.story || (await tellStory(layout, cluster));
    console.log(whatNext(layout, cluster));
    process.exitCode = held ? 0 : 1;
  });

command('story', 'tell the story on the running stack').action(async (options: Options) => {
  const layout = layoutFrom(options);
  const { cluster, settings } = JSON.parse(readFileSync(path.join(layout.stateDir, 'stack.json'), 'utf8')) as { cluster: Cluster; settings: { validators: number } };
  process.exitCode = (await tellStory(layoutFrom({ ...options, validators: settings.validators }), cluster)) ? 0 : 1;
});

command('down', 'stop everything').action(async (options: Options) => down(layoutFrom(options), printedProgress()));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
