// The story's cluster through kubectl: what it says is what a person would have read.
import { getJson, must, type Kubectl } from '../stack/kubectl.js';
import type { Answer, ClusterAccess, StoryKind } from './clusterAccess.js';

const GONE_WITHIN_MS = 90_000;

export function kubectlAccess(kubectl: Kubectl, namespace: string): ClusterAccess {
  const asked = async (arguments_: string[], body: object): Promise<Answer> => {
    const { code, stderr } = await kubectl([...arguments_, '-f', '-'], JSON.stringify(body));
    return { accepted: code === 0, said: stderr.trim() };
  };
  const named = (kind: StoryKind) => kind.toLowerCase();
  return {
    apply: (object) => asked(['apply'], object),
    create: (object) => asked(['create'], object),
    bind({ name, uid }, node) {
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
      return asked(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/binding`], binding);
    },
    get: (kind, name) => getJson(kubectl, [named(kind), name, '-n', namespace]),
    async list<T>(kind: StoryKind, labelSelector?: string) {
      const found = await getJson<{ items: T[] }>(kubectl, [named(kind), '-n', namespace, ...(labelSelector === undefined ? [] : ['-l', labelSelector])]);
      return found?.items ?? [];
    },
    async remove(kind, name, withinMs = GONE_WITHIN_MS) {
      await must(kubectl, ['delete', named(kind), name, '-n', namespace, '--ignore-not-found', `--timeout=${Math.ceil(withinMs / 1_000)}s`]);
    },
    async removeAll(kind) {
      await must(kubectl, ['delete', named(kind), '--all', '-n', namespace, `--timeout=${GONE_WITHIN_MS / 1_000}s`]);
    },
  };
}
