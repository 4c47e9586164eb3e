import { runService } from '@ebuy/runtime';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';

await runService('reviews', readConfig, createApp);
