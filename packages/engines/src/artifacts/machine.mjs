// What is installed on this machine. Plain JavaScript without dependencies: tools/bootstrap.mjs asks it on a bare clone, on any Node from 18 up.
import { constants, existsSync } from 'node:fs';
import { access, readdir, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export const OLDEST_JDK = 17;
/** Folders that installers of Maven use without putting them on PATH. */
export const MAVEN_FOLDERS = ['/usr/share/maven/bin', '/opt/maven/bin', '/opt/homebrew/bin'];

const isExecutable = (file) =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

export const findProgram = async (name, folders = []) => {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...path, ...folders]) {
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  return null;
};

export const foldersBelow = async (parent, suffix = '') => {
  const entries = await readdir(parent).catch(() => []);
  return entries.map((entry) => join(parent, entry, suffix));
};

// A JDK's folder says its own version: no process has to be started to ask. One without a compiler is a JRE and does not count.
const readJdk = async (home) => {
  if (!existsSync(join(home, 'bin', 'java')) || !existsSync(join(home, 'bin', 'javac'))) return null;
  const release = await readFile(join(home, 'release'), 'utf8').catch(() => '');
  const version = /^JAVA_VERSION="([^"]+)"/m.exec(release)?.[1];
  const major = Number(/^(?:1\.)?(\d+)/.exec(version ?? '')?.[1]);
  return version !== undefined && Number.isInteger(major) ? { home, version, major } : null;
};

const homes = async () => {
  const onPath = await findProgram('java');
  const home = homedir();
  const brewed = (await foldersBelow('/opt/homebrew/opt')).filter((folder) => folder.includes('openjdk'));
  const found = [
    process.env.JAVA_HOME ?? '',
    onPath === null ? '' : dirname(dirname(await realpath(onPath))),
    ...(await foldersBelow('/usr/lib/jvm')),
    ...(await foldersBelow('/usr/java')),
    ...(await foldersBelow('/opt/java')),
    ...(await foldersBelow('/opt/jdks')),
    ...(await foldersBelow(join(home, '.sdkman', 'candidates', 'java'))),
    ...(await foldersBelow(join(home, '.jdks'))),
    ...(await foldersBelow('/Library/Java/JavaVirtualMachines', 'Contents/Home')),
    ...brewed.map((folder) => join(folder, 'libexec/openjdk.jdk/Contents/Home')),
  ].filter((folder) => folder !== '');
  return new Set(await Promise.all(found.map((folder) => realpath(folder).catch(() => folder))));
};

const newestFirst = (a, b) => {
  const left = a.version.split(/[._+-]/).map(Number);
  const right = b.version.split(/[._+-]/).map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
};

export const findNewestJdk = async () => {
  const jdks = await Promise.all([...(await homes())].map(readJdk));
  return jdks.filter((jdk) => jdk !== null).sort(newestFirst)[0] ?? null;
};
