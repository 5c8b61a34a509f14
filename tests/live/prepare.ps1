# Make a throw-away Windows Server ready for tests/live: the DHCP role, three scopes that give out nothing, and
# DHCPFO_LIVE for the tests that follow. It can be run again.
$ErrorActionPreference = 'Stop'

Install-WindowsFeature -Name DHCP -IncludeManagementTools | Out-Null
Start-Service -Name DHCPServer

# The scopes of tests/live/service.py; inactive, so that no client on the network is ever answered.
foreach ($number in 1..3) {
    if (-not (Get-DhcpServerv4Scope -ScopeId "10.77.$number.0" -ErrorAction SilentlyContinue)) {
        Add-DhcpServerv4Scope -Name "dhcpfo live $number" -State InActive `
            -StartRange "10.77.$number.10" -EndRange "10.77.$number.200" -SubnetMask 255.255.255.0
    }
}
Get-DhcpServerv4Scope | Format-Table -AutoSize

# The address that others reach this machine by; without one the tests look for it themselves.
$address = Get-NetIPConfiguration | Where-Object { $_.IPv4DefaultGateway } |
    ForEach-Object { $_.IPv4Address } | Select-Object -First 1 -ExpandProperty IPAddress
if (-not $address) { $address = '1' }
$env:DHCPFO_LIVE = $address
if ($env:GITHUB_OUTPUT) { Add-Content -Path $env:GITHUB_OUTPUT -Value "address=$address" }
"DHCPFO_LIVE is $address"
