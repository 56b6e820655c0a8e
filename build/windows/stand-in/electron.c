/*
 * Stands in for Electron's program where packages for Windows are tried without one: it can be named, signed, installed and
 * removed as the real one. With --stay it stays until it is ended, so that its files are in use.
 */
#include <windows.h>
#include <string.h>

/* By which Electron marks where its fuses are; then their version, their number, and each as a digit. */
__declspec(dllexport) volatile const char fuses[] = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x08" "11110011";

int WINAPI WinMain(HINSTANCE instance, HINSTANCE previous, LPSTR line, int show) {
  (void)instance;
  (void)previous;
  (void)show;
  if (strstr(line, "--stay") != NULL) Sleep(INFINITE);
  return fuses[0] == 'd' ? 0 : 1;
}
