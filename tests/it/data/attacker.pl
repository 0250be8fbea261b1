# Exchanges names in a folder of its own until it is killed, as somebody would who has root's program write or read for them.
# Arguments: a seed, where to work, the document's folder as named from there, a file and a folder that root alone may read.
use strict;
use warnings;
use POSIX qw(mkfifo uname);

my ($seed, $home, $cfg, $file, $folder) = @ARGV;
srand $seed;
chdir $home or die "$home: $!";
# renameat2 with RENAME_EXCHANGE: one name takes another's place, and neither is ever missing.
my $renameat2 = (uname)[4] eq 'aarch64' ? 276 : 316;
$SIG{IO} = 'IGNORE';

my $document = '{"integracao": {"porta_banco_dados": 5433}}';
my @places = map { "$cfg/$_" } qw(config.json config.json config.json.history config.json.history/000001.json
  config.json.drafts config.json.drafts/x.json config.json.checks .config.json.lock catalog.d catalog.d/x.json);
push @places, $cfg unless $cfg eq '.';
my $at = 0;

sub put {
    my ($path, $text) = @_;
    open my $out, '>', $path or return;
    print $out $text;
}

my @kinds = (
    sub { symlink $file, $_[0] },
    sub { symlink $folder, $_[0] },
    sub { symlink "$folder/new", $_[0] },
    sub { mkfifo $_[0], 0666 },
    sub { put $_[0], ''; truncate $_[0], 1 << 40 },
    sub { put $_[0], ' ' x (1 << 20) },
    sub { mkdir $_[0]; put "$_[0]/config.json", $document },
    sub { mkdir $_[0]; symlink $file, "$_[0]/config.json"; symlink $file, "$_[0]/000001.json" },
    sub { link 'other.json', $_[0] },
    # As it should be, so that root comes further.
    (sub { put $_[0], $document }) x 4,
    (sub { mkdir $_[0]; put "$_[0]/config.json", $document }) x 2,
);

my $held;
print "at work\n";
close STDOUT;
while (1) {
    my $place = $places[rand @places];
    # A new name each time: what root holds open is not changed under its hand.
    my $new = 'new' . $at++;
    $kinds[rand @kinds]->($new);
    syscall($renameat2, -100, $new, -100, $place, 2) == 0 or rename $new, $place;
    if (-d $new && !-l $new) {
        unlink glob "$new/* $new/.[a-z]*";
        # Deeper ones stay out of the way.
        rmdir $new or rename $new, "old/$at";
    } else {
        unlink $new;
    }
    # Now and then it holds what is there by a lease and does not let go.
    if ($at % 50 == 0 && -f $place && open(my $taken, '<', $place)) {
        $held = $taken if fcntl $taken, 1024, $at % 100 == 0 ? 1 : 0;
    }
}
