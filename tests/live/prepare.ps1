# Make a throw-away Windows Server ready for tests/live: the DHCP role, and three scopes that give out nothing.
$ErrorActionPreference = 'Stop'

Install-WindowsFeature -Name DHCP -IncludeManagementTools | Out-Null
Start-Service -Name DHCPServer

# The scopes of tests/live/conftest.py; inactive, so that no client on the network is ever answered.
foreach ($number in 1..3) {
    Add-DhcpServerv4Scope -Name "dhcpfo live $number" -State InActive `
        -StartRange "10.77.$number.10" -EndRange "10.77.$number.200" -SubnetMask 255.255.255.0
}
Get-DhcpServerv4Scope | Format-Table -AutoSize
