; The setup wizard, for Inno Setup 6. Its values come from myapp/identity.py:
;   ISCC (the lines that installer/values.py prints) installer\myapp.iss
; /DDist=FOLDER     where the executable lies, ..\dist unless given
; /DKind=onedir     wrap the folder build instead of the one file
; /DSign=COMMAND    sign the setup and the uninstaller, such as: signtool sign /fd sha256 $f
#ifndef Name
  #error Pass the identity: python installer/values.py prints the /D options
#endif
#ifndef Dist
  #define Dist SourcePath + "..\dist"
#endif
#ifndef Kind
  #define Kind "onefile"
#endif
#if Kind == "onedir"
  #define Exe Dist + "\" + Name + "\" + Name + ".exe"
#else
  #define Exe Dist + "\" + Name + ".exe"
#endif
#if !FileExists(Exe)
  #error Build the executable first: pyinstaller myapp.spec
#endif

#define Run "Software\Microsoft\Windows\CurrentVersion\Run"

[Setup]
AppId={{{#AppId}}
AppName={#Name}
AppVersion={#Version}
AppPublisher={#Publisher}
VersionInfoVersion={#GetVersionNumbersString(Exe)}
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
DefaultDirName={code:ProgramFolder}
DisableProgramGroupPage=yes
DisableWelcomePage=no
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
OutputBaseFilename={#Name}-{#Version}-setup
OutputDir={#Dist}
WizardStyle=modern
WizardImageFile=icons\wizard-large.bmp
WizardSmallImageFile=icons\wizard-small.bmp
SetupIconFile=icons\app.ico
UninstallDisplayIcon={app}\{#Name}.exe
ChangesAssociations=yes
CloseApplications=no
Compression=lzma2/max
SolidCompression=yes
#ifdef Sign
SignTool={#Sign}
SignedUninstaller=yes
#endif

[Languages]
Name: en; MessagesFile: compiler:Default.isl
Name: de; MessagesFile: compiler:Languages\German.isl
Name: es; MessagesFile: compiler:Languages\Spanish.isl
Name: fr; MessagesFile: compiler:Languages\French.isl
Name: it; MessagesFile: compiler:Languages\Italian.isl
Name: nl; MessagesFile: compiler:Languages\Dutch.isl
Name: pl; MessagesFile: compiler:Languages\Polish.isl
Name: pt; MessagesFile: compiler:Languages\Portuguese.isl

[CustomMessages]
en.AtLogin=Start {#Name} when I sign in
de.AtLogin={#Name} bei der Anmeldung starten
es.AtLogin=Iniciar {#Name} al iniciar sesión
fr.AtLogin=Lancer {#Name} à l'ouverture de session
it.AtLogin=Avvia {#Name} all'accesso
nl.AtLogin={#Name} starten bij het aanmelden
pl.AtLogin=Uruchamiaj {#Name} po zalogowaniu
pt.AtLogin=Iniciar o {#Name} ao entrar na sessão
en.StillRuns={#Name} is still running and could not be ended. Quit it from its page, then try again.
de.StillRuns={#Name} läuft noch und ließ sich nicht beenden. Beenden Sie es auf seiner Seite und versuchen Sie es erneut.
es.StillRuns={#Name} sigue en ejecución y no se pudo cerrar. Ciérrelo desde su página e inténtelo de nuevo.
fr.StillRuns={#Name} est encore en cours d'exécution et n'a pas pu être fermé. Quittez-le depuis sa page, puis réessayez.
it.StillRuns={#Name} è ancora in esecuzione e non è stato possibile chiuderlo. Chiudilo dalla sua pagina e riprova.
nl.StillRuns={#Name} is nog actief en kon niet worden afgesloten. Sluit het via de pagina en probeer het opnieuw.
pl.StillRuns={#Name} nadal działa i nie udało się go zamknąć. Zamknij go na jego stronie i spróbuj ponownie.
pt.StillRuns=O {#Name} ainda está em execução e não foi possível fechá-lo. Feche-o na sua página e tente novamente.
en.DeleteData=Delete your records too?%n%nThey are kept in%n%1%nunless you choose Yes.
de.DeleteData=Auch Ihre Datensätze löschen?%n%nSie bleiben in%n%1%nerhalten, außer Sie wählen Ja.
es.DeleteData=¿Eliminar también sus registros?%n%nSe conservan en%n%1%nsalvo que elija Sí.
fr.DeleteData=Supprimer aussi vos enregistrements ?%n%nIls restent dans%n%1%nsauf si vous choisissez Oui.
it.DeleteData=Eliminare anche i dati?%n%nRestano in%n%1%na meno che non si scelga Sì.
nl.DeleteData=Ook uw gegevens verwijderen?%n%nZe blijven staan in%n%1%ntenzij u Ja kiest.
pl.DeleteData=Usunąć także Twoje dane?%n%nPozostaną w%n%1%no ile nie wybierzesz Tak.
pt.DeleteData=Eliminar também os seus registos?%n%nFicam em%n%1%na menos que escolha Sim.

[Tasks]
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: atlogin; Description: "{cm:AtLogin}"; Flags: unchecked

[Files]
#if Kind == "onedir"
Source: "{#Dist}\{#Name}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs
#else
Source: "{#Exe}"; DestDir: "{app}"; Flags: ignoreversion
#endif

[InstallDelete]
; A folder build of before must not leave its libraries under a one-file build, nor the other way round.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{autoprograms}\{#Name}"; Filename: "{app}\{#Name}.exe"; AppUserModelID: "{#Publisher}.{#Name}"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\{#Name}.exe"; Tasks: desktopicon

[Registry]
; The same value that the program's own page turns on and off.
Root: HKCU; Subkey: "{#Run}"; ValueType: string; ValueName: "{#Name}"; ValueData: """{app}\{#Name}.exe"" --at-login"; Tasks: atlogin; Check: IsLoginWanted
; Offered under "Open with", and never made the default.
Root: HKA; Subkey: "Software\Classes\Applications\{#Name}.exe"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "{#Name}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\{#Name}.exe\shell\open\command"; ValueType: string; ValueData: """{app}\{#Name}.exe"" ""%1"""; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\{#Name}.exe\SupportedTypes"; ValueType: string; ValueName: ".sqlite"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Name}.exe\SupportedTypes"; ValueType: string; ValueName: ".sqlite3"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Name}.exe\SupportedTypes"; ValueType: string; ValueName: ".db"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Name}.exe\SupportedTypes"; ValueType: string; ValueName: ".csv"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.sqlite\OpenWithList\{#Name}.exe"; ValueType: none; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\.sqlite3\OpenWithList\{#Name}.exe"; ValueType: none; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\.db\OpenWithList\{#Name}.exe"; ValueType: none; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\.csv\OpenWithList\{#Name}.exe"; ValueType: none; Flags: uninsdeletekey

[Run]
Filename: "{app}\{#Name}.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[Code]
const
  Mutex = '{#Slug}-{#AppId}';
  Waits = 100; { of 200 ms }

var
  WasThere: Boolean;

function ProgramFolder(Param: String): String;
begin
  { Wine cannot expand the constant for a user's programs; on Windows this is the same folder. }
  if IsAdminInstallMode then
    Result := ExpandConstant('{commonpf}\{#Name}')
  else
    Result := ExpandConstant('{localappdata}\Programs\{#Name}');
end;

{ The running program ends by itself when it is asked, with everything saved. }
function HasEnded: Boolean;
var
  Exe: String;
  Code, Waited: Integer;
begin
  Exe := ExpandConstant('{app}\{#Name}.exe');
  if CheckForMutexes(Mutex) and FileExists(Exe) then
    Exec(Exe, '--quit', '', SW_HIDE, ewWaitUntilTerminated, Code);
  Waited := 0;
  while CheckForMutexes(Mutex) and (Waited < Waits) do
  begin
    Sleep(200);
    Waited := Waited + 1;
  end;
  Result := not CheckForMutexes(Mutex);
  { The outer process of a one-file program goes a moment after the inner one. }
  if Waited > 0 then
    Sleep(1500);
end;

function PrepareToInstall(var NeedsRestart: Boolean): String;
begin
  WasThere := FileExists(ExpandConstant('{app}\{#Name}.exe'));
  if HasEnded then
    Result := ''
  else
    Result := CustomMessage('StillRuns');
end;

{ A silent update repeats the choice of the first time, and the person may have turned it off since. }
function IsLoginWanted: Boolean;
begin
  Result := not (WizardSilent and WasThere) or RegValueExists(HKCU, '{#Run}', '{#Name}');
end;

{ Each that starts this program, for it may have been turned on for several data folders. }
procedure RemoveFromLogin;
var
  Names: TArrayOfString;
  Line, Approved: String;
  I: Integer;
begin
  Approved := 'Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run';
  if RegGetValueNames(HKCU, '{#Run}', Names) then
    for I := 0 to GetArrayLength(Names) - 1 do
      if RegQueryStringValue(HKCU, '{#Run}', Names[I], Line) then
        if Pos(Lowercase(ExpandConstant('"{app}\{#Name}.exe"')), Lowercase(Line)) = 1 then
        begin
          RegDeleteValue(HKCU, '{#Run}', Names[I]);
          RegDeleteValue(HKCU, Approved, Names[I]);
        end;
end;

function InitializeUninstall: Boolean;
begin
  Result := HasEnded;
  if not Result and not UninstallSilent then
    MsgBox(CustomMessage('StillRuns'), mbError, MB_OK);
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Data: String;
begin
  if Step = usUninstall then
    RemoveFromLogin;
  Data := ExpandConstant('{localappdata}\{#Name}');
  if (Step = usPostUninstall) and not UninstallSilent and DirExists(Data) then
    if MsgBox(FmtMessage(CustomMessage('DeleteData'), [Data]), mbConfirmation, MB_YESNO or MB_DEFBUTTON2) = IDYES then
      DelTree(Data, True, True, True);
end;
