// The command line of the cluster providers: up, down, status, build, load-image.
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { ensureBinaries } from './build/ensureBinaries.js';
import { binariesFor } from './build/tools.js';
import { chooseProvider, recordedCluster } from './chooseProvider.js';
import { ClusterError } from './clusterError.js';
import { providerContext, readClusterConfig } from './config.js';
import { ensureImages } from './images/ensureImages.js';
import { loadImage } from './images/loadImage.js';
import { MAINNET_IMAGE, mainnetImage } from './images/mainnetImage.js';
import { imageSbom } from './images/sbom.js';
import { readNodesFile } from './nodesFile.js';
import type { ProviderContext } from './provider.js';

const BAD_INPUT = 2;

interface UpFlags {
  nodes?: string;
  realNode: 'auto' | 'yes' | 'no';
  fresh?: boolean;
  audit?: boolean;
}

const contextOf = (command: Command): ProviderContext =>
  providerContext({ ...command.optsWithGlobals<Partial<ProviderContext>>(), log: (line) => console.log(line) });

function commands(): Command {
  const program = new Command('cluster').description('a Kubernetes for development and tests').exitOverride();
  program.option('--state-dir <folder>', 'where the cluster keeps its state').option('--cache-dir <folder>', 'where built programs are kept');
  program
    .command('up')
    .description('bring the cluster up, or repair it')
    .option('--nodes <file>', 'JSON or YAML list of nodes instead of the default six')
    .addOption(new Option('--real-node <when>', 'run a real node on this machine').choices(['auto', 'yes', 'no']).default('auto'))
    .option('--fresh', 'forget what an earlier cluster left')
    .option('--audit', "write the API server's audit log")
    .action(async ({ nodes, realNode, fresh, audit }: UpFlags, command: Command) => {
      const specs = nodes === undefined ? undefined : readNodesFile(nodes);
      const provider = await chooseProvider(contextOf(command));
      await provider.up({ nodes: specs, realNode: realNode === 'auto' ? 'auto' : realNode === 'yes', fresh, audit });
    });
  program
    .command('down')
    .description('stop the cluster and leave nothing of it running')
    .action(async (_flags, command: Command) => (await chooseProvider(contextOf(command))).down());
  program
    .command('status')
    .description('say what runs; ends with 1 when the cluster is not up')
    .action(async (_flags, command: Command) => {
      const { provider, up, components } = await (await chooseProvider({ ...contextOf(command), log: undefined })).status();
      for (const { name, state, detail } of components) console.log(`${name.padEnd(24)} ${state.padEnd(10)} ${detail}`.trimEnd());
      console.log(`${provider}: ${up ? 'up' : 'not up'}`);
      process.exitCode = up ? 0 : 1;
    });
  program
    .command('build')
    .description('build the programs (and, without --only, the images) into the cache')
    .option('--only <names...>', 'control-plane, cluster, node, or programs by name')
    .action(async ({ only }: { only?: string[] }, command: Command) => {
      const context = { ...contextOf(command), assets: readClusterConfig().assets };
      const names = binariesFor(only);
      const paths = await ensureBinaries(names, context);
      for (const name of names) console.log(`${name}: ${paths[name]}`);
      if (!only) for (const { reference, file } of await ensureImages(context)) console.log(`${reference}: ${file}`);
    });
  program
    .command('image')
    .description('make the image of the mainnet programs, without a container engine and without a registry')
    .requiredOption('--out <file>', 'the docker-archive tar')
    .option('--reference <name:tag>', 'what the image is called', MAINNET_IMAGE)
    .option('--no-native', 'without the native BLS back end')
    .action(async ({ out, reference, native }: { out: string; reference: string; native: boolean }) => {
      const archive = await mainnetImage({ reference, native, sbom: await imageSbom() });
      writeFileSync(out, archive);
      console.log(`${reference}: ${out}, ${Math.round(archive.length / 1e6)} MB, sha256 ${createHash('sha256').update(archive).digest('hex')}`);
    });
  program
    .command('load-image <archive>')
    .description("import a docker-archive tar into the cluster's real node")
    .action(async (archive: string, _flags, command: Command) => {
      if (!existsSync(archive)) throw new ClusterError('bad-options', `${archive}: no such file`);
      const { stateDir } = contextOf(command);
      const cluster = recordedCluster(stateDir);
      if (!cluster) throw new ClusterError('image-not-loaded', `no cluster is up in ${stateDir}; run up first`);
      await loadImage(cluster, archive);
      console.log(`loaded ${archive}`);
    });
  return program;
}

try {
  await commands().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : BAD_INPUT;
  else if (error instanceof ClusterError) {
    console.error(`cluster: ${error.message}`);
    process.exitCode = error.code === 'bad-options' ? BAD_INPUT : 1;
  } else throw error;
}
