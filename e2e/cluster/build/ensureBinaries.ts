// Gives the paths of Kubernetes programs: from KUBEBUILDER_ASSETS, from the cache, or built now.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { clusterSources } from '../checkout.js';
import { ClusterError } from '../clusterError.js';
import type { ProviderContext } from '../provider.js';
import { exclusively } from '../shell/exclusively.js';
import { secondsSince } from '../shell/eventually.js';
import { contentKey } from './contentKey.js';
import { goBuild, requireGo, type Go } from './goCommand.js';
import { pinnedVersion, toolOf, type Tool } from './tools.js';
import { keepKwokStages } from '../kwok/keepKwokStages.js';

export type BuildContext = Pick<ProviderContext, 'cacheDir' | 'log'> & { assets?: string };

const ASSETS = ['etcd', 'kube-apiserver', 'kubectl'];

interface Recipe {
  tool: Tool;
  folder: string;
  ldflags: string;
  /** Cache folder of this exact build. */
  into: string;
}

function linkFlags(tool: Tool, version: string): string {
  return ['-s', '-w', ...tool.linkVersion(version).map((setting) => `-X ${setting}`)].join(' ');
}

function recipeOf(tool: Tool, go: Go, cacheDir: string): Recipe {
  const folder = path.join(clusterSources, 'tools', tool.name);
  const goMod = readFileSync(path.join(folder, 'go.mod'), 'utf8');
  const version = pinnedVersion(goMod, tool.module);
  if (!version) throw new ClusterError('build-failed', `tools/${tool.name}/go.mod does not require ${tool.module}`);
  const ldflags = linkFlags(tool, version);
  const key = contentKey([goMod, readFileSync(path.join(folder, 'go.sum'), 'utf8'), 'CGO_ENABLED=0', ldflags, go.version, go.platform]);
  return { tool, folder, ldflags, into: path.join(cacheDir, 'bin', `${tool.name}-${version}-${key}`) };
}

async function build(binary: string, { tool, folder, ldflags, into }: Recipe, { log }: BuildContext): Promise<string> {
  const target = path.join(into, binary);
  if (existsSync(target)) return target;
  return exclusively(target, log, async () => {
    if (existsSync(target)) return target;
    const began = Date.now();
    mkdirSync(into, { recursive: true });
    const unfinished = path.join(into, `.${binary}.${process.pid}`);
    log(`building ${binary} (${path.basename(into)})`);
    try {
      if (tool.name === 'kwok') await keepKwokStages(folder, into);
      await goBuild(binary, folder, ['-ldflags', ldflags, '-o', unfinished, tool.binaries[binary]!], log);
      renameSync(unfinished, target);
    } finally {
      rmSync(unfinished, { force: true });
    }
    log(`built ${binary} in ${secondsSince(began)}`);
    return target;
  });
}

/** Binary name → path. Builds what is missing, in the given order. Throws 'build-failed', 'provider-unusable', 'bad-options'. */
export async function ensureBinaries(names: readonly string[], context: BuildContext): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let go: Go | undefined;
  for (const name of names) {
    const asset = context.assets && ASSETS.includes(name) ? path.join(context.assets, name) : undefined;
    if (asset && !existsSync(asset)) {
      throw new ClusterError('bad-options', `KUBEBUILDER_ASSETS=${context.assets}: ${name} is not there (it must hold ${ASSETS.join(', ')})`);
    }
    const tool = toolOf(name);
    if (!tool) throw new ClusterError('bad-options', `no tool builds '${name}'`);
    if (asset) found[name] = asset;
    else {
      go ??= await requireGo();
      found[name] = await build(name, recipeOf(tool, go, context.cacheDir), context);
    }
  }
  return found;
}
