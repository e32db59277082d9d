"""Paragraphs of help, whole and with single spaces between words."""

HELP = {
    # --- the command, and options that several have
    "Join services to an Amazon VPC Lattice network with one tag.": (
        "タグひとつで、サービスを Amazon VPC Lattice のネットワークに参加させます。"
    ),
    "Print the version.": "バージョンを表示します。",
    "Install completion for the current shell.": "現在のシェルに補完をインストールします。",
    "Show completion for the current shell, to copy it or customize the installation.": (
        "現在のシェル用の補完スクリプトを表示します。"
    ),
    "Show this message and exit.": "このヘルプを表示します。",
    "Example:": "例:",
    "Examples:": "例:",
    "The language of sentences; by default your locale's (LC_ALL, LC_MESSAGES, LANG). JSON is in English.": (
        "文章の言語。省略時はロケール(LC_ALL、LC_MESSAGES、LANG)に従います。JSON は英語です。"
    ),
    "No colours, even in a terminal.": "端末でも色を付けません。",
    "A profile of the AWS CLI; give it again for each further account you can read.": (
        "AWS CLI のプロファイル。読み取れるアカウントの数だけ指定できます。"
    ),
    "The region; the profile's by default.": "リージョン。省略時はプロファイルのもの。",
    "The network, where there are several.": "ネットワーク(複数ある場合)。",
    "The network, where several can be seen.": "ネットワーク(複数見える場合)。",
    "The HTTP method.": "HTTP メソッド。",
    "A header; may be repeated.": "ヘッダー。複数指定できます。",
    "The account.": "アカウント。",
    "Do not ask.": "確認しません。",
    "Exit status 0: it was asked for; 1: you said no; 2: the words are wrong, or AWS does not let you in.": (
        "終了ステータス 0: 依頼した。1: 取りやめた。2: 入力の誤り、または AWS に拒否された。"
    ),
    # --- replay
    "Play a story or recorded events on a local cloud; print timeline, result and picture.": (
        "ストーリーまたは記録されたイベントをローカルクラウドで再生し、経過、結果、図を表示します。"
    ),
    "With --deployed STACK the recorded events (*.json, in order) are sent to that stack's queue, and the"
    " runs that they start are followed. The command itself changes nothing in the accounts, not even the"
    " tags that the events tell of; the runs do what they do after any event.": (
        "--deployed STACK を付けると、記録されたイベント(*.json、番号順)をそのスタックのキューに送り、始まった実"
        "行を追跡します。コマンド自身はアカウントの何も変えず、イベントが示すタグも変えません。実行は、ほかのイベ"
        "ントのときと同じことを行います。"
    ),
    "Exit status 0: everything came out as the story says, or every run ended well; 1: something did not;"
    " 2: the input is wrong, or no such stack.": (
        "終了ステータス 0: すべてストーリーのとおりになった、またはすべての実行が成功した。1: そうならないものが"
        "あった。2: 入力の誤り、またはスタックがない。"
    ),
    "A story, recorded events, or a folder.": "ストーリー、記録されたイベント、またはフォルダー。",
    "Print one JSON document (docs/schemas/replay.json).": "JSON の文書を 1 つ出力します(docs/schemas/replay.json)。",
    "A story.yaml whose world the recorded events happen in.": "記録されたイベントを再生する世界の story.yaml。",
    "Deliver every event twice.": "すべてのイベントを 2 回配信します。",
    "Deliver the events in another order, which SEED chooses.": "SEED で決まる別の順序でイベントを配信します。",
    "The seed of ids and chances.": "ID と確率のシード。",
    "Show every hop, rule and ignored event.": "すべてのホップ、ルール、無視されたイベントを表示します。",
    "Send the recorded events to this deployed stack instead.": (
        "記録されたイベントを、デプロイ済みのこのスタックに送ります。"
    ),
    "With --deployed: another account id in the events.": (
        "--deployed と併用: イベントのアカウント ID を置き換えます。"
    ),
    "With --deployed: the stack's region.": "--deployed と併用: スタックのリージョン。",
    "With --deployed: a profile of the AWS CLI.": "--deployed と併用: AWS CLI のプロファイル。",
    "With --deployed: how long the runs are followed.": "--deployed と併用: 実行を追跡する時間。",
    # --- trace
    "Say hop by hop why a request gets through, or what stops it and what to do.": (
        "リクエストが届く理由、または止まる場所とその対処を、ホップごとに示します。"
    ),
    "Reads only, with your own rights: those of each --profile, and in other accounts by the role"
    " onramp-NETWORK-reader where you may assume it. What could not be read is told as unknown, never as"
    " absent.": (
        "読み取りだけを、自分の権限で行います。各 --profile の権限と、引き受けられる場合は他のアカウントのロール"
        " onramp-NETWORK-reader を使います。読み取れなかったものは unknown と示し、ないものとはみなしません。"
    ),
    "Exit status 0: it gets through; 1: a hop stops it; 2: the words are wrong, or AWS does not let you in;"
    " 3: no stop was found, and some hop is unknown.": (
        "終了ステータス 0: 届く。1: 途中で止まる。2: 入力の誤り、または AWS に拒否された。3: 止まる場所は見つから"
        "ないが、分からないホップがある。"
    ),
    "Who calls: vpc-…, i-…, or an address.": "呼び出し元: vpc-…、i-…、またはアドレス。",
    "A service's name or domain, or a URL.": "サービスの名前またはドメイン、または URL。",
    "The caller's VPC, where several have its address.": "呼び出し元の VPC(同じアドレスを持つ VPC が複数ある場合)。",
    "The role that signs the request: its name or ARN.": "リクエストに署名するロールの名前または ARN。",
    "Print one JSON document (docs/schemas/trace.json).": "JSON の文書を 1 つ出力します(docs/schemas/trace.json)。",
    # --- plan
    "Show what a run would do in an account now, and why; nothing is changed.": (
        "今実行されたらアカウントで何が行われるかを、理由とともに示します。何も変更しません。"
    ),
    "Read with the rights of the profiles: the network account's and the member's, or the network's reader"
    " role where it lets you in. With a team's own profile alone it works in its own account, too; then the"
    " stack's parameters are taken for their defaults. With profiles of several accounts --account says which is"
    " planned.": (
        "プロファイルの権限で読み取ります。ネットワークアカウントとメンバーアカウントのプロファイル、または引き受"
        "けられる場合はネットワークの読み取りロールを使います。チーム自身のプロファイルだけでも、自分のアカウント"
        "について使えます。その場合、スタックのパラメータは既定値とみなします。複数のアカウントのプロファイルを指"
        "定したときは、--account で対象を選びます。"
    ),
    "Exit status 0: nothing to do; 2: something to do, or refused; 1: an error.": (
        "終了ステータス 0: することはない。2: することがある、または拒否がある。1: エラー。"
    ),
    "The account; the profile's own by default.": "アカウント。省略時はプロファイルのもの。",
    "A load balancer's ARN or a VPC's id: as if it carried the tags of --tag, and no others of ours.": (
        "ロードバランサーの ARN または VPC の ID。--tag のタグだけが付いているものとして調べます。"
    ),
    "With --before; again for each tag.": "--before と併用。タグの数だけ指定します。",
    "Print one JSON document (docs/schemas/plan.json).": "JSON の文書を 1 つ出力します(docs/schemas/plan.json)。",
    "Print one JSON document (docs/schemas/hands.json).": "JSON の文書を 1 つ出力します(docs/schemas/hands.json)。",
    # --- topology
    "Show networks, clients, services and load balancers, their state, and who may call whom.": (
        "ネットワーク、クライアント、サービス、ロードバランサーと、その状態、誰が誰を呼び出せるかを示します。"
    ),
    "Reads only, best from the network account: what is joined comes from the networks themselves, what is"
    " refused, held or waits from the tags of each account that can be read, else from its last report.": (
        "読み取りだけを行います。ネットワークアカウントから使うのが最適です。参加しているものはネットワーク自身か"
        "ら、拒否・保留・待機中のものは、読み取れるアカウントのタグ、またはそのアカウントの最後の報告から分かりま"
        "す。"
    ),
    "Page, picture, diagram and JSON are in English.": "ページ、図、ダイアグラム、JSON は英語です。",
    "Exit status 0: it is shown; 2: the words are wrong, there is nothing, or AWS does not let you in.": (
        "終了ステータス 0: 表示した。2: 入力の誤り、何もない、または AWS に拒否された。"
    ),
    "Write one page: search, filters, who may call whom.": (
        "1 つのページを書き出します。検索、絞り込み、誰が誰を呼び出せるかの表示ができます。"
    ),
    "Write the picture alone.": "図だけを書き出します。",
    "Print a Mermaid diagram.": "Mermaid のダイアグラムを出力します。",
    "Print one JSON document (docs/schemas/topology.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas/topology.json)。"
    ),
    "Only this network.": "このネットワークだけ。",
    "The prefix of the teams' tags.": "チームのタグの接頭辞。",
    # --- status
    "Show who is joined, refused, held or silent, from the network's table; one thing with its runs.": (
        "参加、拒否、保留、イベントが届かないものを、ネットワークのテーブルから示します。1 つを指定すると、その実"
        "行も示します。"
    ),
    "Asks the network account alone, by your own rights or by the role onramp-NETWORK-operator; no member"
    " account is asked. What it shows is as old as each account's last look, which it tells. With --from a"
    " client team reads by its own rights which services its VPC can call.": (
        "自分の権限またはロール onramp-NETWORK-operator で、ネットワークアカウントにだけ問い合わせます。メンバー"
        "アカウントには問い合わせません。内容は各アカウントを最後に確認した時点のもので、その時刻も示します。"
        "--from を付けると、クライアントのチームが、自分の VPC から呼び出せるサービスを自分の権限で一覧できます。"
    ),
    "Exit status 0: it is shown; 1: there is no such thing; 2: the words are wrong, or AWS does not let you in.": (
        "終了ステータス 0: 表示した。1: 該当するものがない。2: 入力の誤り、または AWS に拒否された。"
    ),
    "A service, domain, load balancer, VPC or account, told in full.": (
        "サービス、ドメイン、ロードバランサー、VPC、またはアカウント。詳しく表示します。"
    ),
    "Only this account.": "このアカウントだけ。",
    "Only this state, as unreachable, refused, held or account-silent.": (
        "この状態だけ。例: unreachable、refused、held、account-silent。"
    ),
    "Instead: the services that this VPC can call, by its owner.": (
        "代わりに、この VPC から呼び出せるサービスを、VPC の持ち主の権限で示します。"
    ),
    "Again every 10 s, until Ctrl-C.": "Ctrl-C まで、10 秒ごとに表示し直します。",
    "Print one JSON document (docs/schemas/status.json, status-from.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas/status.json、status-from.json)。"
    ),
    # --- doctor
    "Examine the deployment and the estate, or one tagged resource's way to the network.": (
        "デプロイと環境全体、または、タグの付いた 1 つのリソースがネットワークに参加するまでを調べます。"
    ),
    "Reads only, with the rights of the profiles: the network account's for the deployment; for a resource"
    " its own account's and, to see list, queue, run and report, the network account's as well. What could"
    " not be read is told.": (
        "プロファイルの権限で、読み取りだけを行います。デプロイにはネットワークアカウントのもの、リソースにはその"
        "アカウントのものを使います。一覧、キュー、実行、報告を見るには、ネットワークアカウントのものも必要です。"
        "読み取れなかったものも示します。"
    ),
    "Exit status 0: all is well; 1: something was found; 2: the words are wrong, or AWS does not let you"
    " in; 3: nothing was found, and something could not be read.": (
        "終了ステータス 0: 正常。1: 見つかったものがある。2: 入力の誤り、または AWS に拒否された。3: 見つかったも"
        "のはないが、読み取れなかったものがある。"
    ),
    "A load balancer's or Lattice service's ARN, or a VPC's id: why did its tag do nothing?": (
        "ロードバランサーまたは Lattice サービスの ARN、または VPC の ID: タグを付けても何も起きない理由を調べます。"
    ),
    "Print one JSON document (docs/schemas/doctor.json, doctor-resource.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas/doctor.json、doctor-resource.json)。"
    ),
    "Print the findings as SARIF 2.1.0.": "見つかったものを SARIF 2.1.0 で出力します。",
    # --- look, release, hold, unhold, approve, reject
    "Have an account looked at now, or all of them, instead of with the next event or sweep.": (
        "次のイベントや定期的な確認を待たずに、アカウント 1 つまたはすべてを今すぐ確認させます。"
    ),
    "A look changes what tags ask to be changed, as any run does. Of an account that a run holds, that run"
    " looks once more.": (
        "確認では、ほかの実行と同じく、タグが求める変更が行われます。実行が進行中のアカウントでは、その実行がもう"
        "一度確認します。"
    ),
    "Every account that the table knows.": "テーブルにあるすべてのアカウント。",
    "Let go what DeletionLimit holds in an account: all that it lists, however much it is.": (
        "DeletionLimit で止められている離脱を進めます。一覧に示すすべてが、数にかかわらず対象です。"
    ),
    "What leaves later is held anew. Their quiet time and the time for which names are kept stay as they are.": (
        "後から離脱を求めたものは、また止められます。待ち時間と、名前を残しておく時間は変わりません。"
    ),
    "Exit status 0: it was asked for; 1: you said no, or nothing is held; 2: the words are wrong, or AWS"
    " does not let you in.": (
        "終了ステータス 0: 依頼した。1: 取りやめた、または止められているものがない。2: 入力の誤り、または AWS に"
        "拒否された。"
    ),
    "Keep a service, or a whole account, off the network for now, whatever its tags say.": (
        "タグが何と言っていても、サービスまたはアカウント全体をネットワークから外しておきます。"
    ),
    "It is disconnected at once; its service is kept, and so its name, and its team reads `held`."
    " `onramp unhold` takes it back. The stack's parameter KeptOut does the same by a deployment.": (
        "すぐに切り離されます。サービスは残るので名前も残り、チームには `held` と知らされます。`onramp"
        " unhold` で元に戻ります。スタックのパラメータ KeptOut は、デプロイで同じことをします。"
    ),
    "A service, ACCOUNT/SERVICE, or an account.": "サービス、ACCOUNT/SERVICE、またはアカウント。",
    "Let a service or an account back onto the network that `onramp hold` keeps off it.": (
        "`onramp hold` で外したサービスまたはアカウントを、ネットワークに戻します。"
    ),
    "Exit status 0: it was asked for; 1: you said no, or it is not held; 2: the words are wrong, or AWS"
    " does not let you in.": (
        "終了ステータス 0: 依頼した。1: 取りやめた、または外されていない。2: 入力の誤り、または AWS に拒否された。"
    ),
    "Say yes to a request: what it shows is made. Where tags change, the team asks anew.": (
        "申請を承認します。申請に示されたものが作られます。タグが変わると、チームは改めて申請します。"
    ),
    "Needs the role onramp-NETWORK-approver, or the network account's own rights. `onramp status --state"
    " waiting` lists the requests.": (
        "ロール onramp-NETWORK-approver、またはネットワークアカウント自身の権限が必要です。申請は `onramp status"
        " --state waiting` で一覧できます。"
    ),
    "Exit status 0: it was said; 1: you said no; 2: no such request waits, or AWS does not let you in.": (
        "終了ステータス 0: 承認した。1: 取りやめた。2: その申請は待っていない、または AWS に拒否された。"
    ),
    "Of the request, as its mail and its tag have it.": "申請の ID。メールとタグに書かれています。",
    "Say no to a request: its team reads refused, and may change its tags to ask anew.": (
        "申請を却下します。チームには refused と知らされ、タグを変えて改めて申請できます。"
    ),
    "What served before goes on serving. An approved request can be rejected as well; what it made stays,"
    " and `onramp hold` takes it off the network.": (
        "以前から動いているものは動き続けます。承認した申請も却下できます。作られたものは残り、`onramp hold` でネ"
        "ットワークから外せます。"
    ),
    "Exit status 0: it was said; 1: you said no; 2: there is no such request, or AWS does not let you in.": (
        "終了ステータス 0: 却下した。1: 取りやめた。2: その申請はない、または AWS に拒否された。"
    ),
    # --- local
    "An AWS on this machine, served over HTTP for any AWS client.": (
        "このマシン上の AWS を、任意の AWS クライアントに HTTP で提供します。"
    ),
    "Serve a local AWS until Ctrl-C, SIGTERM or `onramp local down`; tell what happens in it.": (
        "Ctrl-C、SIGTERM、または `onramp local down` まで、ローカルの AWS を提供し、起きたことを表示します。"
    ),
    "Without a story it is empty. Exit status 0: it was stopped; 2: the story or the port is wrong.": (
        "ストーリーを指定しなければ空です。終了ステータス 0: 停止した。2: ストーリーまたはポートの誤り。"
    ),
    "The loopback port.": "ループバックのポート。",
    "Begin with this story's world and the product in it.": "このストーリーの世界と、その中の製品から始めます。",
    "Begin with what this Terraform state holds; may be given several times.": (
        "この Terraform の state にあるものから始めます。複数指定できます。"
    ),
    "Begin with a copy of this AWS profile's account, which is only read.": (
        "この AWS プロファイルのアカウントのコピーから始めます。アカウントは読み取るだけです。"
    ),
    "With either: deploy the product in the copy, for this network.": (
        "どちらかと併用: コピーの中に、このネットワークの製品をデプロイします。"
    ),
    "With either: the region to read.": "どちらかと併用: 読み取るリージョン。",
    "Simulated seconds per real second; 0: time stands still.": (
        "実時間 1 秒あたりの、シミュレーションの秒数。0 なら時間は止まっています。"
    ),
    "How long Lattice takes until it lists a target.": "Lattice がターゲットを一覧に加えるまでの時間。",
    "Print one JSON object a line for each happening (docs/schemas: local-up.json).": (
        "起きたことごとに、1 行の JSON を出力します(docs/schemas: local-up.json)。"
    ),
    "Print one JSON document (docs/schemas: local-status.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas: local-status.json)。"
    ),
    "Print one JSON document (docs/schemas: local-request.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas: local-request.json)。"
    ),
    "Print one JSON document (docs/schemas: local-quota.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas: local-quota.json)。"
    ),
    "Print one JSON document (docs/schemas: local-world.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas: local-world.json)。"
    ),
    "Print one JSON document (docs/schemas: local-deliver.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas: local-deliver.json)。"
    ),
    "Print one JSON document (docs/schemas: local-faults.json).": (
        "JSON の文書を 1 つ出力します(docs/schemas: local-faults.json)。"
    ),
    "Show every call, hop and ignored event.": "すべての呼び出し、ホップ、無視されたイベントを表示します。",
    "Stop the local cloud that is served on the port. Exit status 1: none is.": (
        "このポートのローカルクラウドを停止します。終了ステータス 1: 提供されているものがない。"
    ),
    "Say what is served on the port. Exit status 1: nothing.": (
        "このポートで提供されているものを示します。終了ステータス 1: ない。"
    ),
    "Let simulated time pass at once, and all that falls due in it happen.": (
        "シミュレーションの時間を一度に進め、その間に予定されていることをすべて起こします。"
    ),
    "How much time is to pass.": "進める時間。",
    "Send a request through the served cloud's network. Exit status 1: a hop stops it.": (
        "ローカルクラウドのネットワークにリクエストを送ります。終了ステータス 1: 途中で止まる。"
    ),
    "http://, https:// or tcp://HOST:PORT, by a Lattice name or a custom domain.": (
        "http://、https://、または tcp://HOST:PORT。Lattice の名前または独自ドメインで書きます。"
    ),
    "The caller's address.": "呼び出し元のアドレス。",
    "The caller's VPC, where several have that address.": "呼び出し元の VPC(同じアドレスを持つ VPC が複数ある場合)。",
    "List VPC Lattice's quotas, or set one in all accounts.": (
        "VPC Lattice のクォータを一覧するか、1 つをすべてのアカウントに設定します。"
    ),
    "As in services, or L-620C821E.": "例: services、L-620C821E。",
    "How many there may be.": "上限の数。",
    "Print what stands in the accounts: Lattice objects, sharing, security groups, tags.": (
        "アカウントにあるものを表示します: Lattice のもの、共有、セキュリティグループ、タグ。"
    ),
    "List what was made to go wrong and how often it struck, or take all of it back.": (
        "設定した障害と、起きた回数を一覧するか、すべて取り消します。"
    ),
    "Take all of it back, deliveries too.": "イベントの配信も含めて、すべて取り消します。",
    "Say how events are delivered from now on: twice, late, in any order, or not at all. Without options: as usual.": (
        "これからのイベントの配信を決めます: 2 回、遅れて、順不同に、または配信しない。オプションがなければ通常どおり。"
    ),
    "Chances are decided by the seed. What a program puts by PutEvents is never dropped, as on AWS.": (
        "確率はシードで決まります。プログラムが PutEvents で送ったものは、AWS と同じく失われません。"
    ),
    "That a target gets an event twice; 1: always.": "ターゲットにイベントが 2 回届く確率。1: 常に。",
    "So much later comes each delivery.": "配信をこれだけ遅らせます。",
    "Each takes up to 30 s more, by chance.": "それぞれを、最大 30 秒、ばらばらに遅らせます。",
    "That an event of an AWS service is lost; 1: always.": "AWS サービスのイベントが失われる確率。1: 常に。",
    "Let something go wrong, once or as often as --times says: calls, functions, or what is being made.": (
        "障害を、1 回、または --times の回数だけ起こします: 呼び出し、関数、作成中のもの。"
    ),
    "Calls get the service's throttling error, and nothing takes effect. Chosen by service, operation,"
    " caller, count and chance.": (
        "呼び出しがスロットリングのエラーになり、何も行われません。サービス、操作、呼び出し元、回数、確率で選びます。"
    ),
    "By botocore's name, as in vpc-lattice; * for any.": "botocore での名前。例: vpc-lattice。* はすべて。",
    "As in CreateService; Create* for all that begin so.": "例: CreateService。Create* は、そう始まるものすべて。",
    "The caller's account.": "呼び出し元のアカウント。",
    "The caller's role, by name.": "呼び出し元のロールの名前。",
    "So many calls that fit pass first.": "該当する呼び出しを、この数だけ先に通します。",
    "So often; 0: each time from then on.": "起こす回数。0: それ以降、毎回。",
    "Of each call that fits, by the seed.": "該当する呼び出しごとの確率。シードで決まります。",
    "Calls get the service's access-denied error. Chosen by service, operation, caller, count and chance.": (
        "呼び出しがアクセス拒否のエラーになります。サービス、操作、呼び出し元、回数、確率で選びます。"
    ),
    "Calls get the service's internal error, and nothing takes effect. Chosen by service, operation,"
    " caller, count and chance.": (
        "呼び出しが内部エラーになり、何も行われません。サービス、操作、呼び出し元、回数、確率で選びます。"
    ),
    "Calls take effect, and the connection breaks before the answer comes. Chosen by service, operation,"
    " caller, count and chance.": (
        "呼び出しは行われますが、応答の前に接続が切れます。サービス、操作、呼び出し元、回数、確率で選びます。"
    ),
    "Calls take effect late. Chosen by service, operation, caller, count and chance.": (
        "呼び出しが遅れて行われます。サービス、操作、呼び出し元、回数、確率で選びます。"
    ),
    "So much time passes first, with all that falls due.": "先にこれだけ時間が進み、予定されていることが起きます。",
    "A function's process goes away in the middle of its work.": "関数のプロセスが、処理の途中でなくなります。",
    "Its name, or the last word of it, as in plan.": "関数の名前、またはその最後の語。例: plan。",
    "After so many AWS calls took effect; 0: at once.": "AWS の呼び出しがこの数だけ行われた後。0: すぐに。",
    "A function is cut off in the middle of its work, as Lambda does when its time is up.": (
        "関数が、処理の途中で打ち切られます。Lambda のタイムアウトと同じです。"
    ),
    "The next one that is created, updated or deleted ends in CREATE_FAILED, UPDATE_FAILED or DELETE_FAILED.": (
        "次に作成、更新、または削除されるものが、CREATE_FAILED、UPDATE_FAILED、または DELETE_FAILED になります。"
    ),
    "A share-association (of RAM) ends in FAILED; it needs --entity.": (
        "share-association (RAM) は FAILED になります。--entity が必要です。"
    ),
    "In what it fails.": "失敗する操作。",
    "Lattice's failureCode.": "Lattice の failureCode。",
    "Its failureMessage, RAM's statusMessage.": "Lattice の failureMessage、RAM の statusMessage。",
    "The principal or ARN whose association with a share fails.": (
        "共有との関連付けが失敗するプリンシパルまたは ARN。"
    ),
}
