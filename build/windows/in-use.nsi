; Run by the MSI before it touches anything: `in-use.exe FILE` ends with an error where the file's program runs, for whomever.
; Such a file can't be opened for writing. Made by build/windows/msi.ts.

Unicode true
Target amd64-unicode
RequestExecutionLevel user
SilentInstall silent
OutFile "${OUT}"

!include FileFunc.nsh

Function .onInit
  ${GetParameters} $0
  IfFileExists "$0" 0 free
  ClearErrors
  FileOpen $1 "$0" a
  IfErrors 0 close
  SetErrorLevel 1618 ; ERROR_INSTALL_ALREADY_RUNNING
  Quit
close:
  FileClose $1
free:
  SetErrorLevel 0
  Quit
FunctionEnd

Section
SectionEnd
