/**
 * The supergraph as @apollo/gateway takes it. Composition marks @authenticated, @requiresScopes and @policy as `for: SECURITY`, and a
 * gateway that does not enforce them must refuse to load such a graph. Ours are enforced beside it (operations/guards.ts) and in the
 * subgraphs, so the planner gets a copy without the mark.
 *
 * @throws Error when the supergraph secures something by a feature that nobody here enforces
 */
export function toPlannerSupergraph(supergraphSdl: string): string {
  return supergraphSdl.replaceAll(SECURED_LINK, (link, feature: string) => {
    if (ENFORCED_BY_GATEWAY.has(feature)) return link;
    if (!ENFORCED_HERE.has(feature))
      throw new Error(`The supergraph is secured by @${feature}, which this router does not enforce.`);
    return link.replace(/,\s*for:\s*SECURITY/, '');
  });
}

const SECURED_LINK = /@link\(url: "https:\/\/specs\.apollo\.dev\/(\w+)\/v[\d.]+"[^)]*for: SECURITY[^)]*\)/g;
const ENFORCED_BY_GATEWAY: ReadonlySet<string> = new Set(['inaccessible']);
const ENFORCED_HERE: ReadonlySet<string> = new Set(['authenticated', 'requiresScopes']);
