import { Menu, type MenuItemConstructorOptions } from 'electron';

/**
 * No menu, and with it no shortcut to reload, zoom out of reach or inspect. Before the app is ready: Electron makes one
 * of its own otherwise, whose shortcuts would hold until it is taken away, and which each window is late by.
 */
export function denyMenu(): void {
  Menu.setApplicationMenu(null);
}

/** macOS needs one for copy and paste. Once the app is ready. */
export function setMenu(): void {
  if (process.platform !== 'darwin') return;
  const template: MenuItemConstructorOptions[] = [{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
