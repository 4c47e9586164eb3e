import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../repo/write-json.ts';

/** `<dataDir>/shop.json`: what runs where, for `npm run status` and for whoever wants to find a running shop. */
export interface ShopFile {
  /** The process that started it all. */
  readonly pid: number;
  readonly startedAt: string;
  /** What stands before the names of its databases, topics, groups and index; empty for a shop that shares no engine. */
  readonly namespace: string;
  readonly urls: ShopUrls;
  readonly services: readonly { name: string; url: string; adminUrl: string; pid: number | null; logFile: string }[];
  readonly engines: readonly { name: string; url: string; pid: number | null; how: string }[];
}

export interface ShopUrls {
  /** The graph: `http://127.0.0.1:4000/graphql`. */
  readonly graph: string;
  readonly router: string;
  readonly sandbox: string;
  readonly keycloak: string;
  /** Each service's address without a path. */
  readonly services: Readonly<Record<string, string>>;
}

const fileIn = (dataDir: string): string => join(dataDir, 'shop.json');

export const readShopFile = async (dataDir: string): Promise<ShopFile | null> => {
  try {
    return JSON.parse(await readFile(fileIn(dataDir), 'utf8')) as ShopFile;
  } catch {
    return null;
  }
};

export const writeShopFile = (dataDir: string, shop: ShopFile): Promise<void> => writeJson(fileIn(dataDir), shop);

export const removeShopFile = (dataDir: string): Promise<void> => rm(fileIn(dataDir), { force: true });
