// The floor that the program's start is compared with: the same runtime, one sandboxed window, one line of text.
import { app, BrowserWindow } from 'electron';

app.enableSandbox();
void app.whenReady().then(async () => {
  const window = new BrowserWindow({ width: 1280, height: 800, show: false, webPreferences: { sandbox: true } });
  window.once('ready-to-show', () => window.show());
  await window.loadURL('data:text/html,<title>Empty</title><p data-testid="ready">Ready</p>');
});
app.on('window-all-closed', () => app.quit());
