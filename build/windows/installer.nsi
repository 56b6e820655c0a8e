; The installer for Windows: per machine, for 64 bits, with pages or silent (/S). Made by build/windows/nsis.ts, which
; defines VERSION, FILES (the folder of the program), OUT, ICON, SIZE (KiB), FORGET (the command that removes what clinicians
; keep) and, where it is to be signed, SIGN. Plugins are NSIS' own only.

Unicode true
Target amd64-unicode
ManifestSupportedOS all
ManifestDPIAware true
RequestExecutionLevel admin
SetCompressor /SOLID ${COMPRESSOR}

!define PROGRAM "Wardlight.exe"
!define UNINSTALLER "Uninstall Wardlight.exe"
!define OWN_KEY "Software\Wardlight"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Wardlight"
!define SCHEME_KEY "Software\Classes\wardlight"

; System error codes, as deployment tools know them (docs/operations.md).
!define OTHER_IS_THERE 1638        ; ERROR_PRODUCT_VERSION
!define IN_USE 1618                 ; ERROR_INSTALL_ALREADY_RUNNING: tools try again later
!define FAILED 1603                 ; ERROR_INSTALL_FAILURE
!define NO_ADMINISTRATOR 740        ; ERROR_ELEVATION_REQUIRED
!define NO_64_BIT 1633              ; ERROR_INSTALL_PLATFORM_UNSUPPORTED
!define BAD_ARGUMENT 87             ; ERROR_INVALID_PARAMETER

!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include WordFunc.nsh
!include x64.nsh

Name "Wardlight"
OutFile "${OUT}"
BrandingText "Wardlight ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Wardlight"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Wardlight"
VIAddVersionKey CompanyName "The Wardlight authors"
VIAddVersionKey LegalCopyright "Copyright 2026 The Wardlight authors"

!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Spanish"

LangString NEWER ${LANG_ENGLISH} "A newer Wardlight ($0) is installed. It is not replaced by ${VERSION}."
LangString NEWER ${LANG_SPANISH} "Hay instalado un Wardlight más reciente ($0). No se sustituye por ${VERSION}."
LangString RUNNING ${LANG_ENGLISH} "Wardlight is open. Close it on this workstation, and start again."
LangString RUNNING ${LANG_SPANISH} "Wardlight está abierto. Ciérrelo en esta estación de trabajo y vuelva a empezar."
LangString BY_MSI ${LANG_ENGLISH} "Wardlight was installed by its MSI package. Upgrade it by that, or remove it first."
LangString BY_MSI ${LANG_SPANISH} "Wardlight se instaló con su paquete MSI. Actualícelo con él, o quítelo antes."
LangString ADMINISTRATOR ${LANG_ENGLISH} "Only an administrator can install or remove Wardlight."
LangString ADMINISTRATOR ${LANG_SPANISH} "Solo un administrador puede instalar o quitar Wardlight."
LangString BITS ${LANG_ENGLISH} "Wardlight needs a 64-bit Windows."
LangString BITS ${LANG_SPANISH} "Wardlight necesita un Windows de 64 bits."
LangString POLICY ${LANG_ENGLISH} "The policy could not be taken from $PolicyFile. Nothing was installed."
LangString POLICY ${LANG_SPANISH} "No se pudo tomar la política de $PolicyFile. No se instaló nada."
LangString NOT_WRITTEN ${LANG_ENGLISH} "The files could not be written. What was installed before is unchanged."
LangString NOT_WRITTEN ${LANG_SPANISH} "No se pudieron escribir los archivos. Lo instalado antes no ha cambiado."

Var PolicyFile

; Ends with a code; says why where somebody is looking.
!macro Refuse CODE MESSAGE
  MessageBox MB_OK|MB_ICONSTOP "${MESSAGE}" /SD IDOK
  SetErrorLevel ${CODE}
  Quit
!macroend

; The same place always: nobody but administrators can write below it, whatever the command line says.
!macro Prepare
  SetRegView 64
  SetShellVarContext all
  StrCpy $INSTDIR "$PROGRAMFILES64\Wardlight"
  UserInfo::GetAccountType
  Pop $0
  ${If} $0 != "Admin"
    !insertmacro Refuse ${NO_ADMINISTRATOR} "$(ADMINISTRATOR)"
  ${EndIf}
  ; A program that runs can't be opened for writing. What she is writing is not taken away from her.
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${PROGRAM}" a
    ${If} ${Errors}
      !insertmacro Refuse ${IN_USE} "$(RUNNING)"
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    !insertmacro Refuse ${NO_64_BIT} "$(BITS)"
  ${EndIf}
  !insertmacro Prepare
  ReadRegStr $0 HKLM "${OWN_KEY}" "Installer"
  ${If} $0 == "msi"
    !insertmacro Refuse ${OTHER_IS_THERE} "$(BY_MSI)"
  ${EndIf}
  ReadRegStr $0 HKLM "${OWN_KEY}" "Version"
  ${If} $0 != ""
    ${VersionCompare} "$0" "${VERSION}" $1
    ${If} $1 == 1
      !insertmacro Refuse ${OTHER_IS_THERE} "$(NEWER)"
    ${EndIf}
  ${EndIf}
  ${GetParameters} $1
  ClearErrors
  ${GetOptions} $1 "/POLICY=" $PolicyFile
  ${IfNot} ${Errors}
  ${AndIfNot} ${FileExists} "$PolicyFile"
    !insertmacro Refuse ${BAD_ARGUMENT} "$(POLICY)"
  ${EndIf}
FunctionEnd

Section
  ; Left by an upgrade that was cut off between its two renamings.
  ${IfNot} ${FileExists} "$INSTDIR\*"
  ${AndIf} ${FileExists} "$INSTDIR.old\*"
    Rename "$INSTDIR.old" "$INSTDIR"
  ${EndIf}

  ; All of the new one is there before anything of the old one is touched.
  RMDir /r "$INSTDIR.old"
  RMDir /r "$INSTDIR.new"
  ClearErrors
  SetOutPath "$INSTDIR.new"
  File /r "${FILES}/*"
  WriteUninstaller "$INSTDIR.new\${UNINSTALLER}"
  SetOutPath "$WINDIR"
  ${If} ${Errors}
    RMDir /r "$INSTDIR.new"
    !insertmacro Refuse ${FAILED} "$(NOT_WRITTEN)"
  ${EndIf}

  ; The first start is to find it.
  ${If} $PolicyFile != ""
    nsExec::Exec '"$SYSDIR\reg.exe" import "$PolicyFile" /reg:64'
    Pop $0
    ${If} $0 != 0
      RMDir /r "$INSTDIR.new"
      !insertmacro Refuse ${FAILED} "$(POLICY)"
    ${EndIf}
  ${EndIf}

  ClearErrors
  ${If} ${FileExists} "$INSTDIR\*"
    Rename "$INSTDIR" "$INSTDIR.old"
  ${EndIf}
  Rename "$INSTDIR.new" "$INSTDIR"
  ${If} ${Errors}
    Rename "$INSTDIR.old" "$INSTDIR"
    RMDir /r "$INSTDIR.new"
    !insertmacro Refuse ${FAILED} "$(NOT_WRITTEN)"
  ${EndIf}
  RMDir /r /REBOOTOK "$INSTDIR.old"

  WriteRegStr HKLM "${OWN_KEY}" "Installer" "nsis"
  WriteRegStr HKLM "${OWN_KEY}" "Version" "${VERSION}"
  WriteRegStr HKLM "${OWN_KEY}" "InstallLocation" "$INSTDIR"

  WriteRegStr HKLM "${SCHEME_KEY}" "" "URL:Wardlight"
  WriteRegStr HKLM "${SCHEME_KEY}" "URL Protocol" ""
  WriteRegStr HKLM "${SCHEME_KEY}\DefaultIcon" "" '"$INSTDIR\${PROGRAM}",0'
  WriteRegStr HKLM "${SCHEME_KEY}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'

  CreateShortCut "$SMPROGRAMS\Wardlight.lnk" "$INSTDIR\${PROGRAM}"

  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayName" "Wardlight"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayIcon" '"$INSTDIR\${PROGRAM}"'
  WriteRegStr HKLM "${UNINSTALL_KEY}" "Publisher" "The Wardlight authors"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "URLInfoAbout" "https://wardlight.org"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\${UNINSTALLER}"'
  WriteRegStr HKLM "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\${UNINSTALLER}" /S'
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE}
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoRepair" 1
SectionEnd

Function un.onInit
  !insertmacro Prepare
FunctionEnd

Section Uninstall
  Delete "$SMPROGRAMS\Wardlight.lnk"
  DeleteRegKey HKLM "${SCHEME_KEY}"
  DeleteRegKey HKLM "${UNINSTALL_KEY}"
  DeleteRegKey HKLM "${OWN_KEY}"
  SetOutPath "$WINDIR"
  RMDir /r /REBOOTOK "$INSTDIR"
  ; What clinicians keep stays, unless the administrator says otherwise.
  ${GetParameters} $1
  ClearErrors
  ${GetOptions} $1 "/DELETEUSERDATA" $0
  ${IfNot} ${Errors}
    StrCpy $0 $WINDIR 2
    nsExec::Exec '"$SYSDIR\cmd.exe" ${FORGET}'
    Pop $0
  ${EndIf}
SectionEnd
