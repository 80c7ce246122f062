; The setup wizard, for Inno Setup 6. Build: ISCC /DName=… /DVersion=… /DPublisher=… /DAppId=… installer\myapp.iss
; The values come from myapp/identity.py: see installer/values.py.
#ifndef Name
  #error Pass the identity: python installer/values.py prints the /D options
#endif
#define Exe "..\dist\" + Name + ".exe"
#if !FileExists(SourcePath + Exe)
  #error Build the executable first: pyinstaller myapp.spec
#endif

[Setup]
AppId={{{#AppId}}
AppName={#Name}
AppVersion={#Version}
AppPublisher={#Publisher}
; Wine cannot expand {userpf} in a per-user install; on Windows this is the same folder.
DefaultDirName={localappdata}\Programs\{#Name}
PrivilegesRequired=lowest
DisableProgramGroupPage=yes
OutputBaseFilename={#Name}-{#Version}-setup
OutputDir=..\dist
WizardStyle=modern
Compression=lzma2
SolidCompression=yes
UninstallDisplayIcon={app}\{#Name}.exe

[Files]
Source: "{#Exe}"; DestDir: "{app}"; Flags: ignoreversion

[Tasks]
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[Icons]
Name: "{userprograms}\{#Name}"; Filename: "{app}\{#Name}.exe"
Name: "{userdesktop}\{#Name}"; Filename: "{app}\{#Name}.exe"; Tasks: desktopicon

[Run]
Filename: "{app}\{#Name}.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent
