/**
 * Loaded before the audit's server: it is TypeScript that Node takes neither as it is (its imports end in `.js`, and name types) nor without its packages,
 * which may be in another folder than beside it. `EBUY_AUDIT_PACKAGES` is that folder's package.json, as a URL.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import ts from 'typescript';

const packages = process.env.EBUY_AUDIT_PACKAGES;
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2024 };
const isSource = (url: string | undefined) => url?.endsWith('.ts') === true;

// Whoever started this server is gone when its input ends.
process.stdin.resume().once('end', () => process.exit());

registerHooks({
  resolve(specifier, context, next) {
    if (!isSource(context.parentURL)) return next(specifier, context);
    if (specifier.startsWith('.')) return next(specifier.replace(/\.js$/, '.ts'), context);
    return next(specifier, packages === undefined ? context : { ...context, parentURL: packages });
  },
  load(url, context, next) {
    if (!isSource(url)) return next(url, context);
    const { outputText } = ts.transpileModule(readFileSync(new URL(url), 'utf8'), { compilerOptions });
    return { format: 'module', source: outputText, shortCircuit: true };
  },
});
