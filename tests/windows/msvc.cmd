@echo off
rem With Microsoft's compiler, for the platform of the Python in PATH: build into build\msvc the stand-ins for
rem dhcpsapi.dll ("full", and "older", which lacks a function) and the C of the tests ("native"), and make that Python
rem find the stand-in that DHCPFO_STANDIN names. "msvc.cmd sdk" only compares the SDK's declarations with ours, 64-bit
rem and 32-bit. There warnings are errors, except for those within the SDK's own headers.
setlocal
cd /d "%~dp0..\.."
set PATH=%PATH%;%ProgramFiles(x86)%\Microsoft Visual Studio\Installer
for /f "delims=" %%i in ('vswhere.exe -latest -products * -property installationPath') do set VCVARS=%%i\VC\Auxiliary\Build\vcvarsall.bat
set FLAGS=/nologo /W4 /external:anglebrackets /external:W0 /Iinclude

for %%i in (full older native) do if not exist build\msvc\%%i mkdir build\msvc\%%i
python -c "import sys; sys.path.insert(0, 'tools'); import cross; print(cross.standin_functions())" > build\msvc\full\standin_functions.h || exit /b 1
python -c "import sys; sys.path.insert(0, 'tools'); import cross; print(cross.standin_functions(cross.NEWEST))" > build\msvc\older\standin_functions.h || exit /b 1

if "%1"=="sdk" (
    call :sdk x64 || exit /b 1
    call :sdk x86 || exit /b 1
    exit /b 0
)

python -c "import shutil, sysconfig; shutil.copy('tests/windows/dhcpfo_standin.pth', sysconfig.get_path('purelib'))" || exit /b 1
set ARCHITECTURE=x64
python -c "import sys, sysconfig; sys.exit(sysconfig.get_platform() == 'win-arm64')" || set ARCHITECTURE=arm64
call "%VCVARS%" %ARCHITECTURE% || exit /b 1
for %%i in (full older) do (
    cl %FLAGS% /std:c11 /LD /Ibuild\msvc\%%i /Fobuild\msvc\%%i\ tests\windows\standin.c /link /OUT:build\msvc\%%i\dhcpsapi.dll || exit /b 1
)
for %%i in (tests\native\*.c) do (
    cl %FLAGS% /std:c11 /experimental:c11atomics /LD /Fobuild\msvc\native\ %%i /link /OUT:build\msvc\native\%%~ni.dll || exit /b 1
)
exit /b 0

:sdk
setlocal
call "%VCVARS%" %1 || exit /b 1
cl %FLAGS% /WX /TP /c /Ibuild\msvc\full /Fobuild\msvc\ tests\windows\sdk_layout.c
exit /b %errorlevel%
