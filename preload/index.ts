import { contextBridge, ipcRenderer } from 'electron';
import { wireName } from './contract/channel.ts';
import type { ChannelNames } from './contract/index.ts';

/** Put in by the build from the contract, so that this script carries names only, no schemas. */
declare const __CHANNELS__: ChannelNames;

type Listener = (payload: unknown) => void;

function call(channel: string) {
  return (request: unknown) => ipcRenderer.invoke(channel, request);
}

/** The page gets the payload alone: an `IpcRendererEvent` would hand it `sender`, and with that every channel. */
function subscribe(channel: string) {
  return (listener: Listener) => {
    const handler = (_event: unknown, payload: unknown) => listener(payload);
    ipcRenderer.on(channel, handler);
    return () => {
      ipcRenderer.removeListener(channel, handler);
    };
  };
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const bridge = Object.fromEntries(
  Object.entries(__CHANNELS__).map(([feature, { calls, events }]) => [
    feature,
    Object.fromEntries([
      ...calls.map((name) => [name, call(wireName(feature, name))] as const),
      ...events.map((name) => [`on${capitalized(name)}`, subscribe(wireName(feature, name))] as const),
    ]),
  ]),
);

contextBridge.exposeInMainWorld('wardlight', bridge);
