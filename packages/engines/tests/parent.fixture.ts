// Started by supervise.component.test.ts and killed: starts a polite process and a stubborn one, prints their ids and waits.
import { supervise } from '../src/process/supervise.ts';

const folder = process.argv[2] ?? '.';
const shell = (name: string, script: string) =>
  supervise({
    name,
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: process.env.PATH },
    cwd: folder,
    logFile: `${folder}/${name}.log`,
    stopSignal: 'TERM',
    graceMs: 500,
  });

const polite = await shell('polite', 'while :; do sleep 0.05; done');
const stubborn = await shell('stubborn', 'trap "" TERM INT HUP; while :; do sleep 0.05; done');
console.log(JSON.stringify([polite.pid, stubborn.pid]));
setInterval(() => undefined, 60_000);
