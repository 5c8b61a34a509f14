@echo off
rem With Microsoft's compiler, from the top folder: hold the SDK's declarations against ours, 64-bit and 32-bit, and
rem build the stand-ins for dhcpsapi.dll into the folder standin: "full", and "older", which lacks a function.
setlocal
set VSWHERE=%ProgramFiles(x86)%\Microsoft Visual Studio\Installer\vswhere.exe
for /f "usebackq delims=" %%i in (`"%VSWHERE%" -latest -property installationPath`) do set VCVARS=%%i\VC\Auxiliary\Build\vcvarsall.bat

mkdir standin\full standin\older
python -c "import sys; sys.path.insert(0, 'tools'); import cross; print(cross.standin_functions())" > standin\full\standin_functions.h || exit /b 1
python -c "import sys; sys.path.insert(0, 'tools'); import cross; print(cross.standin_functions(cross.NEWEST))" > standin\older\standin_functions.h || exit /b 1

call :layout x64 || exit /b 1
call :layout x86 || exit /b 1
call :standin full || exit /b 1
call :standin older || exit /b 1
exit /b 0

:layout
setlocal
call "%VCVARS%" %1 || exit /b 1
cl /nologo /c /TP /W4 /WX /Istandin\full /Iinclude /Fostandin\ tests\windows\sdk_layout.c
exit /b %errorlevel%

:standin
setlocal
call "%VCVARS%" x64 || exit /b 1
cl /nologo /LD /std:c11 /W4 /WX /Istandin\%1 /Iinclude /Fostandin\%1\ tests\windows\standin.c /link /OUT:standin\%1\dhcpsapi.dll
exit /b %errorlevel%
